/**
 * What canaries said, one after another, into the windows in which nothing proves that a cluster refused. Pure.
 *
 * A canary reports on every change and at least every hour. So a refusal proves the time up to the next report, and no
 * longer than a little over an hour; what is not proven lasts until the next refusal.
 */
import type {Period} from './period.ts'
import type {AnswerRow, Finished} from './question.ts'

/** Milliseconds: an hour, and a quarter of one for slow clusters. */
const PROVES = 75 * 60_000

interface Window {
  readonly gap: 'admitted' | 'unknown' | 'silent' | 'never'
  readonly begins: string
  readonly ends: string | null
  readonly row: AnswerRow
}

/** @param rows of the SQL: by cluster, then by time */
export function enforcementWindows(rows: readonly AnswerRow[], period: Period): Finished {
  const clusters = Map.groupBy(rows, ({system, cluster}) => JSON.stringify([system, cluster]))
  const found = [...clusters.values()].flatMap((words) => windowsOf(words, period.to))
  const within = found.filter(({ends}) => ends === null || ends > period.from)
  return {
    rows: within.map(({gap, begins, ends, row}) => ({...row, gap, begins, ends})),
    gaps: rows.length === 0 ? [{code: 'record.not-found', what: 'no cluster has reported to this store'}] : [],
    notes: [],
  }
}

function windowsOf(rows: readonly AnswerRow[], to: string): Window[] {
  const canaries = rows.filter(({gap}) => gap !== 'started')
  const [first] = rows
  if (canaries.length === 0) return first === undefined ? [] : [{gap: 'never', begins: timeOf(first), ends: null, row: first}]
  const windows: Window[] = []
  let open: Window | undefined
  let refused: AnswerRow | undefined
  const close = (ends: string | null) => {
    if (open !== undefined) windows.push({...open, ends})
    open = undefined
  }
  for (const row of canaries) {
    const time = timeOf(row)
    // A canary that came too late leaves the time before it unproven.
    if (open === undefined && refused !== undefined && isLate(refused, time)) open = {gap: 'silent', begins: timeOf(refused), ends: null, row: refused}
    if (row['gap'] === 'refused') {
      close(time)
      refused = row
      continue
    }
    open = worse(open, {gap: row['gap'] === 'admitted' ? 'admitted' : 'unknown', begins: refused === undefined ? time : timeOf(refused), ends: null, row})
  }
  if (open === undefined && refused !== undefined && isLate(refused, to)) open = {gap: 'silent', begins: timeOf(refused), ends: null, row: refused}
  close(null)
  return windows
}

/** One window has one name: that of the worst that was seen in it. */
function worse(open: Window | undefined, next: Window): Window {
  if (open === undefined) return next
  return next.gap === 'admitted' && open.gap !== 'admitted' ? {...next, begins: open.begins} : open
}

function isLate(refused: AnswerRow, time: string): boolean {
  return Date.parse(time) - Date.parse(timeOf(refused)) > PROVES
}

function timeOf(row: AnswerRow): string {
  return String(row['begins'])
}
