/** What is said of admission control itself, one row each: what enforces, its canary, the broken glass, what runs. Pure. */
import type {RecordOf} from '../evidence/schema.ts'
import {listed, type commonColumns} from './columns.ts'
import type {TableRow} from './tables.ts'

type Common = ReturnType<typeof commonColumns>

export function enforcementRow(record: RecordOf<'enforcement'>, common: Common): TableRow {
  const {cluster, replica, policy, exempt, rollout, log} = record.data.detail
  const waiting = rollout.flatMap(({namespaces, enforce_on: day}) => namespaces.map((name) => `${name} from ${day.slice(0, 10)}`))
  return {table: 'enforcements', row: {...common, cluster, replica, policy, exempt: listed(exempt), rollout: listed(waiting), answers_wait_for: log}}
}

export function canaryRow(record: RecordOf<'canary'>, common: Common): TableRow {
  const {cluster, namespace, answer, last_refused: before, reason} = record.data.detail
  return {table: 'canaries', row: {...common, cluster, namespace, answer, last_refused: before ?? null, reason: reason ?? null}}
}

export function breakGlassRow(record: RecordOf<'break-glass'>, common: Common): TableRow {
  const {action, kind, cluster, namespace, digest, reason, incident, from, expires, statement, of, reviewer} = record.data.detail
  const row = {
    ...common,
    action,
    kind,
    cluster,
    namespace: namespace ?? null,
    exempted: digest ?? null,
    reason,
    incident,
    valid_from: from,
    expires,
    expires_ms: Date.parse(expires),
    statement: statement ?? null,
    opened_by_record: of ?? null,
    reviewer: reviewer ?? null,
  }
  return {table: 'break_glass_records', row}
}

export function reconciliationRow(record: RecordOf<'reconciliation'>, common: Common): TableRow {
  const {source, cluster, window, both, only_source, only_evidence} = record.data.detail
  return {
    table: 'reconciliations',
    row: {...common, source, cluster, window_from: window.from, window_to: window.to, in_both: both, only_source, only_evidence},
  }
}
