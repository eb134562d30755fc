/** The time that a question is about: fixed once, in UTC, from a time up to but not including another. Pure. */
import {AppError} from '../errors.ts'

export interface PeriodRequest {
  /** `90d`, `24h`: back from now. */
  readonly since?: string | undefined
  /** `2026-07-01`, or a time with its zone. */
  readonly from?: string | undefined
  /** A day counts as a whole. */
  readonly to?: string | undefined
}

export interface Period {
  /** ISO 8601, UTC, milliseconds. */
  readonly from: string
  readonly to: string
}

/** Where nobody named a beginning: before every record. */
export const BEGINNING = '1970-01-01T00:00:00.000Z'
/** Later years are written otherwise, and would sort before earlier ones. */
const END = new Date('9999-01-01T00:00:00.000Z')
const UNITS: Readonly<Record<string, number>> = {s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000}
const DAY = /^\d{4}-\d\d-\d\d$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/

/** @throws AppError `usage.flag` */
export function fixPeriod({since, from, to}: PeriodRequest, now: Date): Period {
  if (since !== undefined && from !== undefined) throw new AppError('usage.flag', '--since and --from are two beginnings; give one of them')
  const end = to === undefined ? now : instant(to, '--to', 'end')
  const begin = since === undefined ? instant(from ?? BEGINNING, '--from', 'start') : new Date(now.getTime() - duration(since))
  if (begin.getTime() < 0) throw new AppError('usage.flag', `--since ${since ?? ''} reaches back too far`)
  if (begin >= end) throw new AppError('usage.flag', `the period ends (${end.toISOString()}) before it begins (${begin.toISOString()})`)
  return {from: begin.toISOString(), to: end.toISOString()}
}

/** `milliseconds` earlier than an ISO time. */
export function earlier(time: string, milliseconds: number): string {
  return new Date(Math.max(0, Date.parse(time) - milliseconds)).toISOString()
}

function duration(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhdw])$/.exec(text) ?? []
  const factor = UNITS[unit]
  if (count === undefined || factor === undefined || Number(count) === 0)
    throw new AppError('usage.flag', `--since ${text} is not a length of time; write 90d, 24h or 30m`)
  return Number(count) * factor
}

function instant(text: string, flag: string, edge: 'start' | 'end'): Date {
  const isDay = DAY.test(text)
  const date = new Date(text)
  // Only a day that the calendar has comes back as it was written.
  const isReal = date.getTime() >= 0 && date < END && (!isDay || date.toISOString().startsWith(text))
  if (!isReal || (!isDay && !TIME.test(text))) throw new AppError('usage.flag', `${flag} ${text} is not a date; write 2026-07-01 or 2026-07-01T12:00:00Z`)
  return isDay && edge === 'end' ? new Date(date.getTime() + 86_400_000) : date
}
