/**
 * A record as rows of the flat tables: `flattenRecord(found)`. Pure.
 *
 * What a record's blobs hold is flattened beside this (`flatten-blob.ts`).
 */
import type {RecordOf} from '../evidence/schema.ts'
import {commonColumns, countColumns, listed, signerColumns, type FoundRecord} from './columns.ts'
import {admissionRow} from './flatten-admission.ts'
import {breakGlassRow, canaryRow, enforcementRow, reconciliationRow} from './flatten-enforcement.ts'
import {approvalRow, keyRow, promotionRow, revocationRow} from './flatten-decisions.ts'
import {subjectRows} from './flatten-subjects.ts'
import {verificationRow} from './flatten-verification.ts'
import type {TableRow} from './tables.ts'

/** `deployment/web` as kubectl writes it: an admission knows the same workload as `web`. */
const KIND = /^(?:deployment|statefulset|daemonset|job|cronjob|pod|rollout)s?(?:\.[a-z.]+)?\/(?=.)/i

export function flattenRecord(found: FoundRecord): TableRow[] {
  return [recordRow(found), ...subjectRows(found.record), ...streamRows(found)]
}

function recordRow(found: FoundRecord): TableRow {
  const {record} = found
  const {actor, change, blobs, redaction} = record.data
  return {
    table: 'records',
    row: {
      ...commonColumns(found),
      record_key: found.key,
      sha256: found.sha256,
      stream: record.stream,
      source: record.source,
      subject: record.subject,
      job: record.job,
      seq: record.seq,
      prev_sha256: record.prevsha256 ?? null,
      tool_version: record.toolversion,
      human: actor.human?.id ?? null,
      human_issuer: actor.human?.issuer ?? null,
      human_basis: actor.human?.basis ?? null,
      workload: actor.workload?.id ?? null,
      workload_issuer: actor.workload?.issuer ?? null,
      workload_basis: actor.workload?.basis ?? null,
      change_repository: change.repository ?? null,
      change_commit: change.commit ?? null,
      change_ref: change.ref ?? null,
      change_ticket: change.ticket ?? null,
      authors: listed(change.authors.map(({id}) => id)),
      blobs: blobs.length,
      redactions: redaction.count,
    },
  }
}

// oxlint-disable-next-line typescript/consistent-return -- the switch is exhaustive
function streamRows(found: FoundRecord): TableRow[] {
  const {record} = found
  const common = commonColumns(found)
  switch (record.stream) {
    case 'run':
      return runRows(record, common)
    case 'sbom':
      return sbomRows(record, common)
    case 'scan':
      return [scanRow(record, common)]
    case 'gate': {
      const {policy, decision, reasons, waivers, scans} = record.data.detail
      const codes = reasons.map(({code}) => code)
      return [{table: 'gates', row: {...common, policy, decision, reasons: listed([...new Set(codes)]), waivers: waivers.length, scans: listed(scans)}}]
    }
    case 'signature': {
      const {signer, credential_kind, repository, bundle, manifest} = record.data.detail
      return [{table: 'signatures', row: {...common, ...signerColumns(signer), credential_kind, signed_for: repository, bundle, manifest}}]
    }
    case 'attestation': {
      const {signer, predicate_type, statement, bundle, manifest} = record.data.detail
      return [{table: 'attestations', row: {...common, ...signerColumns(signer), predicate_type, statement, bundle, manifest}}]
    }
    case 'verification':
      return [verificationRow(record, common)]
    case 'admission':
      return [admissionRow(record, common)]
    case 'enforcement':
      return [enforcementRow(record, common)]
    case 'canary':
      return [canaryRow(record, common)]
    case 'break-glass':
      return [breakGlassRow(record, common)]
    case 'reconciliation':
      return [reconciliationRow(record, common)]
    case 'deployment': {
      const {cluster, namespace, workload, previous, rollback_of} = record.data.detail
      const row = {
        ...common,
        cluster: cluster ?? null,
        namespace,
        workload: workload.replace(KIND, ''),
        previous: previous ?? null,
        rollback_of: rollback_of ?? null,
      }
      return [{table: 'deployment_records', row}]
    }
    case 'query': {
      const {name, version, sql, parameters, rows, head} = record.data.detail
      return [{table: 'query_records', row: {...common, name, version, sql_sha256: sql, parameters: JSON.stringify(parameters), row_count: rows, head}}]
    }
    case 'approval':
      return [approvalRow(record, common)]
    case 'promotion':
      return [promotionRow(record, common)]
    case 'revocation':
      return [revocationRow(record, common)]
    case 'key':
      return [keyRow(record, common)]
    case 'hold':
    case 'store-audit':
    case 'delivery':
    case 'test':
    case 'custom':
      return []
  }
}

type Common = ReturnType<typeof commonColumns>

function runRows(record: RecordOf<'run'>, common: Common): TableRow[] {
  const {detail} = record.data
  const start = detail.phase === 'start' ? detail : undefined
  const row = {
    ...common,
    job: record.job,
    phase: detail.phase,
    expected: listed(detail.expected),
    missing: detail.phase === 'end' ? listed(detail.missing) : null,
    contract: start?.contract ?? null,
    previous: start?.previous ?? null,
  }
  const jobs = detail.phase === 'end' ? detail.jobs : []
  return [
    {table: 'runs', row},
    ...jobs.map(({job, count, last}): TableRow => ({
      table: 'run_jobs',
      row: {record_id: record.id, run_id: record.runid, job, record_count: count, last_sha256: last},
    })),
  ]
}

function sbomRows(record: RecordOf<'sbom'>, common: Common): TableRow[] {
  const {format, platforms, unscanned} = record.data.detail
  return platforms.map(({platform, digest, packages, blob}) => ({
    table: 'sboms',
    row: {
      ...common,
      format,
      platform,
      platform_digest: digest ?? null,
      packages,
      unscanned: unscanned.length,
      blob_sha256: record.data.blobs.find(({name}) => name === blob)?.sha256 ?? null,
    },
  }))
}

function scanRow(record: RecordOf<'scan'>, common: Common): TableRow {
  const {detail, tools} = record.data
  // The one with a database is the scanner; another tool may only have prepared its input.
  const scanner = tools.find(({database}) => database !== undefined) ?? tools[0]
  return {
    table: 'scans',
    row: {
      ...common,
      kind: detail.kind,
      mode: detail.mode,
      ...countColumns(detail.counts),
      platforms: detail.platforms.length,
      unscanned: detail.unscanned.length,
      scanner: scanner?.name ?? null,
      scanner_version: scanner?.version ?? null,
      scanner_sha256: scanner?.sha256 ?? null,
      database_updated_at: scanner?.database?.updated_at ?? null,
      database_sha256: scanner?.database?.sha256 ?? null,
    },
  }
}
