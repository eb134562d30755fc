/** A verdict as one row, a column for each check. Pure. */
import type {CheckResult} from '../evidence/details.ts'
import type {RecordOf} from '../evidence/schema.ts'
import {listed, type commonColumns} from './columns.ts'
import type {TableRow} from './tables.ts'

export function verificationRow(record: RecordOf<'verification'>, common: ReturnType<typeof commonColumns>): TableRow {
  const {policy, as_of, verdict, checks} = record.data.detail
  const state = (name: CheckResult['name']) => checks.find((check) => check.name === name)?.state ?? null
  return {
    table: 'verifications',
    row: {
      ...common,
      policy,
      as_of,
      as_of_ms: Date.parse(as_of),
      verdict,
      reasons: listed([...new Set(checks.flatMap(({reason}) => reason ?? []))]),
      image_state: state('image'),
      signature_state: state('signature'),
      signature_reason: checks.find(({name}) => name === 'signature')?.reason ?? null,
      sbom_state: state('sbom'),
      provenance_state: state('provenance'),
      scan_state: state('scan'),
      gate_state: state('gate'),
      approvals_state: state('approvals'),
      revocation_state: state('revocation'),
    },
  }
}
