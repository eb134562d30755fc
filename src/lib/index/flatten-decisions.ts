/** What people and their keys decided about images, one row each: approvals, promotions, revocations, keys. Pure. */
import type {RecordOf} from '../evidence/schema.ts'
import {listed, signerColumns, type commonColumns} from './columns.ts'
import type {TableRow} from './tables.ts'

type Common = ReturnType<typeof commonColumns>

export function approvalRow(record: RecordOf<'approval'>, common: Common): TableRow {
  const {to, person, signer, statement, bundle, manifest} = record.data.detail
  return {table: 'approvals', row: {...common, approved_for: to, person: person ?? null, ...signerColumns(signer), statement, bundle, manifest}}
}

export function promotionRow(record: RecordOf<'promotion'>, common: Common): TableRow {
  const {from, to, tags, signer, signature, verification, policy, approvals} = record.data.detail
  return {
    table: 'promotions',
    row: {
      ...common,
      from_repository: from,
      to_repository: to,
      tags: listed(tags.map(({tag}) => tag)),
      moved_tags: listed(tags.flatMap(({tag, was}) => (was === undefined ? [] : [`${tag} ${was}`]))),
      ...signerColumns(signer),
      signature,
      verification,
      policy,
      approved_by: listed(approvals.map(({person}) => person)),
      approvals: approvals.length,
    },
  }
}

export function revocationRow(record: RecordOf<'revocation'>, common: Common): TableRow {
  const {detail} = record.data
  const {action, what, since} = detail
  return {
    table: 'revocations',
    row: {
      ...common,
      action,
      what,
      reason: detail.action === 'revoke' ? detail.reason : null,
      since,
      since_ms: Date.parse(since),
      ...signerColumns(detail.action === 'publish' ? detail.signer : undefined),
      revoked: detail.action === 'publish' ? detail.revoked : null,
    },
  }
}

export function keyRow(record: RecordOf<'key'>, common: Common): TableRow {
  const {action, what, environments, day} = record.data.detail
  return {table: 'key_records', row: {...common, action, key_sha256: what, environments: listed(environments), key_day: day}}
}
