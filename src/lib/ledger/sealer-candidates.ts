/**
 * Record versions that are not sealed. Pure.
 *
 * Rules: always by set difference, never by a cursor: keys of a day do not come in their order. The newest seal counts
 * what is sealed of each day; where as many are listed up to the greatest sealed key, nothing can be new there. Where the
 * counts differ, the seals that have that day are read. Everything is compared one by one whenever all is searched, since
 * one that went and one that came late make the same count.
 */
import {RECORDS} from '../evidence/key.ts'
import type {EvidenceFinding} from '../evidence/chain-link.ts'
import {STREAMS} from '../evidence/streams.ts'
import type {ObjectVersion} from '../ports/evidence-store.ts'
import type {LogState} from './fold.ts'
import {askVersions, type Candidate, type Steps} from './sealer-effects.ts'
import {identityOf, readSealed, type Sealed} from './sealer-sealed.ts'
import {dayBefore, placeOf, placeOfKey, WINDOW_DAYS} from './totals.ts'

/** How far back is searched: since the day before yesterday, over the days that have totals, or everything. */
export type Sweep = 'recent' | 'window' | 'all'

export interface Unsealed {
  /** In the order in which they came. */
  readonly candidates: readonly Candidate[]
  readonly findings: readonly EvidenceFinding[]
}

const DAY = 86_400_000
const RECENT_DAYS = 2
/** A record is some kilobytes; what is larger is none, and is not read. */
const MAX_OBJECT = 16 * 1024 * 1024

/** Everything that is due, counted by the clock of whoever seals; a clock that was ahead must not put it off. */
export function sweepDue({swept}: LogState, now: string): Sweep {
  const since = (time: string) => Math.abs(Date.parse(now) - Date.parse(time))
  if (since(swept.all) >= 7 * DAY) return 'all'
  return since(swept.window) >= DAY ? 'window' : 'recent'
}

/** @throws AppError `seal.*` where the log does not lead to its newest seal */
export function* findUnsealed(state: LogState, sweep: Sweep, now: string): Steps<Unsealed> {
  const listed = yield* listRecords(sweep, now)
  const findings = listed.flatMap((version) => strange(version) ?? [])
  const records = listed.filter((version) => strange(version) === undefined)
  const days = Map.groupBy(records, ({key}) => dayOf(key))
  const totals = new Map(state.totals.totals.map((total) => [placeOf(total), total]))
  const from = sweep === 'all' ? '' : firstDay(sweep, now)
  const unsure = new Map<string, number>()
  const fresh: ObjectVersion[] = []
  for (const day of new Set([...days.keys(), ...[...totals.values()].filter(({dt}) => dt >= from).map(placeOf)])) {
    const here = days.get(day) ?? []
    const total = totals.get(day)
    if (sweep === 'all' || day.slice(day.indexOf('/') + 1) < state.totals.since) unsure.set(day, 1)
    else if (total === undefined) fresh.push(...here)
    else {
      const [above, below] = [here.filter(({key}) => lastOf(key) > total.upto), here.filter(({key}) => lastOf(key) <= total.upto)]
      if (below.length === total.count) fresh.push(...above)
      else unsure.set(day, total.first)
    }
  }
  const sealed = yield* readSealed(state, sweep === 'all' ? 'all' : unsure)
  for (const day of unsure.keys()) fresh.push(...(days.get(day) ?? []).filter((version) => !sealed.has(identityOf(version))))
  return {candidates: inOrder(fresh, records), findings: [...findings, ...gone(sealed, records)]}
}

function* listRecords(sweep: Sweep, now: string): Steps<ObjectVersion[]> {
  if (sweep === 'all') return [...(yield* askVersions('records/'))]
  const listed: ObjectVersion[] = []
  for (const stream of STREAMS) {
    const prefix = `${RECORDS}${stream}/`
    for (const version of yield* askVersions(prefix, `${prefix}dt=${firstDay(sweep, now)}`)) listed.push(version)
  }
  return listed
}

function firstDay(sweep: 'recent' | 'window', now: string): string {
  return dayBefore(now, sweep === 'recent' ? RECENT_DAYS : WINDOW_DAYS)
}

/** What lies among the records and cannot be sealed. */
function strange({key, kind, size}: ObjectVersion): EvidenceFinding | undefined {
  if (placeOfKey(key) === undefined) return {code: 'record.unknown-object', key, message: 'this is no record'}
  if (kind === 'delete-marker') return {code: 'record.hidden', key, message: 'a delete marker hides it from readers'}
  return size > MAX_OBJECT ? {code: 'record.unknown-object', key, message: `this has ${size} bytes, and is no record`} : undefined
}

/** What is sealed and is not listed. */
function gone(sealed: Sealed, records: readonly ObjectVersion[]): EvidenceFinding[] {
  const there = new Set(records.map(identityOf))
  return [...sealed]
    .filter(([identity]) => !there.has(identity))
    .map(([, {key, n}]) => ({code: 'record.deleted', key, message: `seal ${n} has it, and it is not in the store`}))
}

/** By the store's clock, then by key. */
function inOrder(fresh: readonly ObjectVersion[], records: readonly ObjectVersion[]): Candidate[] {
  // Listed newest first: the last one of a key stays.
  const oldest = new Map(records.map((version) => [version.key, version.version]))
  return fresh
    .toSorted((a, b) => order(a.lastModified, b.lastModified) || order(a.key, b.key) || order(a.version ?? '', b.version ?? ''))
    .map(({key, version}) => ({key, ...(version !== undefined && {version}), second: oldest.get(key) !== version}))
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function dayOf(key: string): string {
  const place = placeOfKey(key)
  return place === undefined ? '' : placeOf(place)
}

function lastOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}
