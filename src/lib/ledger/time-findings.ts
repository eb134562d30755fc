/**
 * When a record says that it was made, against when it came. Pure.
 *
 * Rules: its ULID and its `time` are the writer's word; when it came is the store's. A quarter of an hour is left for
 * clocks. What waited in a spool came late for a reason, and a `delivery` record names it: that is looked up by who asks.
 */
import type {EvidenceFinding} from '../evidence/chain-link.ts'
import {parseRecordKey, ulidTime} from '../evidence/key.ts'
import {NEVER} from './totals.ts'

/** Milliseconds that clocks may be apart. */
export const SKEW = 15 * 60_000

export interface DatedRecord {
  readonly key: string
  /** As the record says; undefined where it cannot be read. */
  readonly time: string | undefined
  /** By the store's clock. */
  readonly arrived: string
}

/** What a record says twice, and not the same: no spool explains that, whenever it came. */
export function contradiction({key, time}: Pick<DatedRecord, 'key' | 'time'>): EvidenceFinding | undefined {
  const named = ulidTime(parseRecordKey(key)?.id ?? '')
  if (time === undefined || Math.abs(named - Date.parse(time)) <= SKEW) return undefined
  return {code: 'record.back-dated', key, message: `its name gives ${iso(named)}, and it says ${time}`}
}

/** Nothing where the store has no date that could be true. */
export function timeFinding({key, time, arrived}: DatedRecord): EvidenceFinding | undefined {
  const named = ulidTime(parseRecordKey(key)?.id ?? '')
  const came = Date.parse(arrived)
  if (arrived === NEVER || Number.isNaN(came)) return undefined
  const said = [named, ...(time === undefined ? [] : [Date.parse(time)])]
  const [earliest, latest] = [Math.min(...said), Math.max(...said)]
  if (came - earliest > SKEW) return {code: 'record.back-dated', key, message: `it gives ${iso(earliest)}, and came at ${arrived}`}
  if (latest - came > SKEW) return {code: 'record.ahead', key, message: `it gives ${iso(latest)}, and came at ${arrived}`}
  return contradiction({key, time})
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
