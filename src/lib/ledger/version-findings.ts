/**
 * What a store lists of one key: its versions and delete markers. Pure.
 *
 * Rules: evidence has one version and no marker. Whatever has no name of ours is no evidence, wherever it lies.
 */
import type {EvidenceFinding} from '../evidence/chain-link.ts'
import {LOG, parseBlobKey, parseCheckpointKey, parseRecordKey, parseSealKey, parseTimestampKey} from '../evidence/key.ts'
import {isStream} from '../evidence/streams.ts'
import type {ObjectVersion} from '../ports/evidence-store.ts'

export type Kind = 'record' | 'blob' | 'log'

const HIDDEN = {record: 'record.hidden', blob: 'blob.hidden', log: 'log.hidden'} as const
const SECOND = {record: 'record.second-version', blob: 'blob.second-version', log: 'log.second-version'} as const

/** A key, and all that is listed of it, the newest first. */
export interface Listed {
  readonly key: string
  readonly versions: readonly ObjectVersion[]
}

/** Undefined where the name is none of ours. */
export function kindOf(key: string): Kind | undefined {
  if (isStream(parseRecordKey(key)?.stream)) return 'record'
  if (parseBlobKey(key) !== undefined) return 'blob'
  const number = key.startsWith(LOG) ? (parseSealKey(key) ?? parseCheckpointKey(key) ?? parseTimestampKey(key)) : undefined
  return number === undefined ? undefined : 'log'
}

export function versionFindings({key, versions}: Listed): EvidenceFinding[] {
  const kind = kindOf(key)
  if (kind === undefined) return [{code: 'record.unknown-object', key, message: 'this is not evidence'}]
  const objects = versions.filter((version) => version.kind === 'object').length
  const hidden = versions.some((version) => version.kind === 'delete-marker' && version.latest)
  const findings: EvidenceFinding[] = []
  if (hidden) findings.push({code: HIDDEN[kind], key, message: 'a delete marker hides it from readers'})
  if (objects > 1) findings.push({code: SECOND[kind], key, message: `it has ${objects} versions`})
  return findings
}

/** The versions of one key after another, out of a list in which they lie together. */
export async function* byKey(list: AsyncIterable<ObjectVersion>): AsyncGenerator<Listed> {
  let versions: ObjectVersion[] = []
  for await (const version of list) {
    const [first] = versions
    if (first !== undefined && first.key !== version.key) {
      yield {key: first.key, versions}
      versions = []
    }
    versions.push(version)
  }
  const [first] = versions
  if (first !== undefined) yield {key: first.key, versions}
}

/** The one that was there first: whatever came later is not what was recorded. */
export function firstVersion(versions: readonly ObjectVersion[]): ObjectVersion | undefined {
  return versions.findLast(({kind}) => kind === 'object')
}
