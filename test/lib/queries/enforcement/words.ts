/** Made-up rows of the SQL of `enforcement-gaps`, each at a time of one day. All names in it are invented. */
import type {AnswerRow, Finished} from '../../../../src/lib/queries/question.ts'
import {enforcementWindows} from '../../../../src/lib/queries/enforcement/enforcement-windows.ts'

const DAY = '2026-03-02'
export const PERIOD = {from: `${DAY}T08:00:00.000Z`, to: `${DAY}T12:00:00.000Z`}
export const WEBHOOK = 'validatingwebhookconfigurations.admissionregistration.k8s.io/hipaa-ci'
export const CONSTRAINT = 'hipaaciimages.constraints.gatekeeper.sh/hipaa-ci-images'
export const GUARD = 'validatingadmissionpolicies.admissionregistration.k8s.io/hipaa-ci-guard'

let count = 0

export function time(clock: string): string {
  return `${DAY}T${clock.length === 5 ? `${clock}:00` : clock}.000Z`
}

export function word(clock: string, gap: string, more: Partial<Record<string, AnswerRow[string]>> = {}): AnswerRow {
  count += 1
  const record = `01JXS8${String(count).padStart(20, '0')}`
  const base = {cluster: 'prod-east', gap, begins: time(clock), ends: null, what: null, by: null, seen_by: 'audit-log', ended_by: null, done_at: null}
  return {...base, aws_identity: null, reason: null, system: 'patient-api', record, verb: null, says: null, is_open: true, object_uid: null, ...more}
}

export const canary = (clock: string, said: 'refused' | 'admitted' | 'unknown', more = {}) => word(clock, said, {seen_by: 'canary', ...more})
export const removed = (clock: string, what: string, by: string, more = {}) => word(clock, 'enforcement-changed', {what, by, verb: 'delete', ...more})
export const changed = (clock: string, what: string, by: string, more = {}) => word(clock, 'enforcement-changed', {what, by, verb: 'patch', ...more})
export const made = (clock: string, what: string, by: string, more = {}) =>
  word(clock, 'enforcement-changed', {what, by, verb: 'create', is_open: false, ...more})

/** Canaries that were refused every half hour. */
export const refusals = (from: number, to: number) =>
  Array.from({length: (to - from) * 2 + 1}, (_, index) =>
    canary(`${String(from + Math.floor(index / 2)).padStart(2, '0')}:${index % 2 === 0 ? '00' : '30'}`, 'refused'),
  )

export function answer(rows: readonly AnswerRow[]): Finished {
  return enforcementWindows(rows, PERIOD)
}

/** `gap HH:MM HH:MM by; seen by`, of each row. */
export function told(rows: readonly AnswerRow[]): string[] {
  const clock = (cell: AnswerRow[string] | undefined) => (typeof cell === 'string' ? cell.slice(11, 16) : 'open')
  return answer(rows).rows.map((row) => `${row['gap']} ${clock(row['begins'])} ${clock(row['ends'])} ${row['by'] ?? '-'}; ${row['seen_by']}`)
}
