/**
 * Whether each record was written by somebody who may write its stream. Pure.
 *
 * Rules: `writers` of the configuration says who may, and who is not named there may not. Where several wrote an object,
 * each has to be allowed: nothing says whose bytes they are that lie there. What no event tells of is not passed.
 */
import type {EvidenceFinding} from '../evidence/chain-link.ts'
import {parseRecordKey, RECORDS} from '../evidence/key.ts'
import type {StoreAddress} from '../evidence/store-address.ts'
import type {WriteEvent} from './cloudtrail-events.ts'

/** As `writers` of the configuration. */
export type WriterRoles = Readonly<Record<string, {readonly principals: readonly string[]; readonly streams: readonly string[]}>>

export interface WriterBook {
  add(event: WriteEvent): void
  /** @param version undefined in a store without versions */
  finding(key: string, version: string | undefined): EvidenceFinding | undefined
}

interface Written {
  readonly version?: string
  readonly principals: readonly string[]
}

/** @param store whose events count; of a folder, a copy, those of any bucket */
export function createWriterBook(roles: WriterRoles, store: StoreAddress): WriterBook {
  const events = new Map<string, Written[]>()
  const names = new Map<string, readonly string[]>()
  const allowed = patternsByStream(roles)
  return {
    add({bucket, key, version, principals}) {
      const own = keyIn(store, bucket, key)
      if (own === undefined) return
      // The same few writers over and over: kept once.
      const joined = principals.join(' ')
      if (!names.has(joined)) names.set(joined, principals)
      const written = {...(version !== undefined && {version}), principals: names.get(joined) ?? []}
      events.set(own, [...(events.get(own) ?? []), written])
    },
    finding(key, version) {
      const stream = parseRecordKey(key)?.stream ?? ''
      const own = (events.get(key) ?? []).filter((one) => version === undefined || one.version === undefined || one.version === version)
      if (own.length === 0) return {code: 'writer.unknown', key, message: 'no event tells who wrote it'}
      const patterns = allowed.get(stream) ?? []
      const stranger = own.find(({principals}) => !principals.some((one) => patterns.some((pattern) => pattern.test(one))))
      if (stranger === undefined) return undefined
      return {code: 'writer.not-allowed', key, message: `${stranger.principals[0] ?? 'somebody without a name'} wrote it, and may not write ${stream}`}
    },
  }
}

function patternsByStream(roles: WriterRoles): Map<string, RegExp[]> {
  const all = Object.values(roles).flatMap(({principals, streams}) => streams.map((stream) => ({stream, principals})))
  return new Map([...Map.groupBy(all, ({stream}) => stream)].map(([stream, own]) => [stream, own.flatMap(({principals}) => principals.map(patternOf))]))
}

/** `*` stands for any letters. */
function patternOf(principal: string): RegExp {
  return new RegExp(`^${principal.split('*').map(escaped).join('.*')}$`, 's')
}

function escaped(text: string): string {
  return text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
}

function keyIn(store: StoreAddress, bucket: string, key: string): string | undefined {
  if (store.kind === 's3') {
    if (bucket !== store.bucket || !key.startsWith(store.prefix)) return undefined
    return key.slice(store.prefix.length)
  }
  const at = key.indexOf(RECORDS)
  return at < 0 ? undefined : key.slice(at)
}
