/**
 * What a seal knows of the days before it, so that the next sealer need not read the whole log. Pure.
 *
 * Rules: whatever day has a sealed record and is not before `since` has a total; `since` never goes back, and only what
 * the store itself has dated moves it on. So a sealer with a wrong clock cannot make the next one forget what is sealed.
 */
import {parseRecordKey} from '../evidence/key.ts'
import {isStream} from '../evidence/streams.ts'
import type {Leaf} from './leaf.ts'
import type {Seal, Total} from './seal.ts'

/** Days that totals are kept for. */
export const WINDOW_DAYS = 35
export const NEVER = '1970-01-01T00:00:00.000Z'
const DAY = 86_400_000

export type Totals = Pick<Seal, 'since' | 'totals'>

export const NO_TOTALS: Totals = {since: NEVER.slice(0, 10), totals: []}

/** After the seal `n` with these entries. @param sealedAt by the sealer's clock */
export function totalsAfter(before: Totals, {n, entries, sealed_at: sealedAt}: Pick<Seal, 'n' | 'entries' | 'sealed_at'>): Totals {
  const since = sinceAfter(before.since, entries, sealedAt)
  const totals = new Map(before.totals.map((total) => [placeOf(total), total]))
  for (const {key} of entries) {
    const place = placeOfKey(key)
    if (place === undefined) continue
    const {stream, dt, last} = place
    const total = totals.get(placeOf(place)) ?? {stream, dt, count: 0, upto: '', first: n}
    totals.set(placeOf(place), {...total, count: total.count + 1, upto: last > total.upto ? last : total.upto})
  }
  const kept = [...totals.entries()].filter(([, {dt}]) => dt >= since).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {since, totals: kept.map(([, total]) => total)}
}

/** Where a record lies: its stream, its day, and the last part of its key. */
export function placeOfKey(key: string): {readonly stream: Total['stream']; readonly dt: string; readonly last: string} | undefined {
  const parts = parseRecordKey(key)
  return parts === undefined || !isStream(parts.stream) ? undefined : {stream: parts.stream, dt: parts.date, last: key.slice(key.lastIndexOf('/') + 1)}
}

/** One text for a stream and a day. */
export function placeOf({stream, dt}: {readonly stream: string; readonly dt: string}): string {
  return `${stream}/${dt}`
}

/** The UTC day `days` before a time. */
export function dayBefore(time: string, days: number): string {
  return new Date(Math.max(0, Date.parse(time) - days * DAY)).toISOString().slice(0, 10)
}

function sinceAfter(since: string, entries: readonly Leaf[], sealedAt: string): string {
  const newest = entries.reduce((latest, {last_modified: time}) => (time > latest ? time : latest), NEVER)
  const next = dayBefore(newest < sealedAt ? newest : sealedAt, WINDOW_DAYS)
  return next > since ? next : since
}
