/**
 * The flat tables that questions are asked of. Pure.
 *
 * Rules: lower-case names, VARCHAR, BIGINT, DOUBLE and BOOLEAN only, times as
 * ISO text plus milliseconds (`_ms`), lists as text made while indexing. The
 * same columns exist on every engine, so a question's text does too.
 */
import {sha256Hex} from '../evidence/record.ts'
import {ADMISSION_TABLES} from './admission-tables.ts'
import {COMMON, COUNTS, SIGNER, type ColumnType} from './table-columns.ts'

export const TABLES = {
  records: {
    ...COMMON,
    record_key: 'VARCHAR',
    sha256: 'VARCHAR',
    stream: 'VARCHAR',
    source: 'VARCHAR',
    subject: 'VARCHAR',
    job: 'VARCHAR',
    seq: 'BIGINT',
    prev_sha256: 'VARCHAR',
    tool_version: 'VARCHAR',
    human: 'VARCHAR',
    human_issuer: 'VARCHAR',
    human_basis: 'VARCHAR',
    workload: 'VARCHAR',
    workload_issuer: 'VARCHAR',
    workload_basis: 'VARCHAR',
    change_repository: 'VARCHAR',
    change_commit: 'VARCHAR',
    change_ref: 'VARCHAR',
    change_ticket: 'VARCHAR',
    authors: 'VARCHAR',
    blobs: 'BIGINT',
    redactions: 'BIGINT',
  },
  /** Every digest that a record speaks of: its subject's, and those of the platforms under it. */
  subjects: {record_id: 'VARCHAR', stream: 'VARCHAR', subject_digest: 'VARCHAR'},
  /** One row for a run's start and one for its end. */
  runs: {...COMMON, job: 'VARCHAR', phase: 'VARCHAR', expected: 'VARCHAR', missing: 'VARCHAR', contract: 'VARCHAR', previous: 'VARCHAR'},
  /** What a run's end says of each job. */
  run_jobs: {record_id: 'VARCHAR', run_id: 'VARCHAR', job: 'VARCHAR', record_count: 'BIGINT', last_sha256: 'VARCHAR'},
  /** One row a platform. */
  sboms: {
    ...COMMON,
    format: 'VARCHAR',
    platform: 'VARCHAR',
    platform_digest: 'VARCHAR',
    packages: 'BIGINT',
    /** Things that the whole record says were not looked at. */
    unscanned: 'BIGINT',
    blob_sha256: 'VARCHAR',
  },
  /** Very many rows: only what is asked of them. */
  components: {
    record_id: 'VARCHAR',
    dt: 'VARCHAR',
    time: 'VARCHAR',
    time_ms: 'BIGINT',
    system: 'VARCHAR',
    repository: 'VARCHAR',
    digest: 'VARCHAR',
    platform: 'VARCHAR',
    platform_digest: 'VARCHAR',
    /** Lower case, without its group: what is searched for. */
    name_key: 'VARCHAR',
    /** Lower case: Maven group, npm scope, Go module path. */
    group_key: 'VARCHAR',
    name: 'VARCHAR',
    version: 'VARCHAR',
    purl: 'VARCHAR',
    type: 'VARCHAR',
    license: 'VARCHAR',
  },
  /** One row a record, that is a kind of scan. */
  scans: {
    ...COMMON,
    kind: 'VARCHAR',
    mode: 'VARCHAR',
    ...COUNTS,
    platforms: 'BIGINT',
    unscanned: 'BIGINT',
    scanner: 'VARCHAR',
    scanner_version: 'VARCHAR',
    scanner_sha256: 'VARCHAR',
    database_updated_at: 'VARCHAR',
    database_sha256: 'VARCHAR',
  },
  findings: {
    ...COMMON,
    finding: 'VARCHAR',
    kind: 'VARCHAR',
    rule: 'VARCHAR',
    severity: 'VARCHAR',
    package: 'VARCHAR',
    version: 'VARCHAR',
    purl: 'VARCHAR',
    fixed: 'VARCHAR',
    place: 'VARCHAR',
    line: 'BIGINT',
    platform: 'VARCHAR',
  },
  gates: {...COMMON, policy: 'VARCHAR', decision: 'VARCHAR', reasons: 'VARCHAR', waivers: 'BIGINT', scans: 'VARCHAR'},
  signatures: {...COMMON, ...SIGNER, credential_kind: 'VARCHAR', signed_for: 'VARCHAR', bundle: 'VARCHAR', manifest: 'VARCHAR'},
  attestations: {...COMMON, ...SIGNER, predicate_type: 'VARCHAR', statement: 'VARCHAR', bundle: 'VARCHAR', manifest: 'VARCHAR'},
  /** A check that the verdict does not name is null: it was not made. */
  verifications: {
    ...COMMON,
    policy: 'VARCHAR',
    as_of: 'VARCHAR',
    as_of_ms: 'BIGINT',
    verdict: 'VARCHAR',
    reasons: 'VARCHAR',
    image_state: 'VARCHAR',
    signature_state: 'VARCHAR',
    signature_reason: 'VARCHAR',
    sbom_state: 'VARCHAR',
    provenance_state: 'VARCHAR',
    scan_state: 'VARCHAR',
    gate_state: 'VARCHAR',
    approvals_state: 'VARCHAR',
    revocation_state: 'VARCHAR',
  },
  approvals: {...COMMON, approved_for: 'VARCHAR', person: 'VARCHAR', ...SIGNER, statement: 'VARCHAR', bundle: 'VARCHAR', manifest: 'VARCHAR'},
  promotions: {
    ...COMMON,
    from_repository: 'VARCHAR',
    to_repository: 'VARCHAR',
    /** Those that were written. */
    tags: 'VARCHAR',
    /** Of those, the ones that named another image before, as `TAG DIGEST`. */
    moved_tags: 'VARCHAR',
    ...SIGNER,
    signature: 'VARCHAR',
    verification: 'VARCHAR',
    policy: 'VARCHAR',
    approved_by: 'VARCHAR',
    approvals: 'BIGINT',
  },
  /** `publish` is of the list, the others of an image. */
  revocations: {
    ...COMMON,
    action: 'VARCHAR',
    what: 'VARCHAR',
    reason: 'VARCHAR',
    since: 'VARCHAR',
    since_ms: 'BIGINT',
    ...SIGNER,
    /** In the list that was published. */
    revoked: 'BIGINT',
  },
  key_records: {...COMMON, action: 'VARCHAR', key_sha256: 'VARCHAR', environments: 'VARCHAR', key_day: 'VARCHAR'},
  ...ADMISSION_TABLES,
  /** What deploy steps recorded; questions ask the union with admissions (`queries/sql/derived.ts`). */
  deployment_records: {...COMMON, cluster: 'VARCHAR', namespace: 'VARCHAR', workload: 'VARCHAR', previous: 'VARCHAR', rollback_of: 'VARCHAR'},
  query_records: {...COMMON, name: 'VARCHAR', version: 'BIGINT', sql_sha256: 'VARCHAR', parameters: 'VARCHAR', row_count: 'BIGINT', head: 'VARCHAR'},
  /** Evidence that is whole, yet cannot be read as what it says it is. */
  faults: {record_id: 'VARCHAR', record_key: 'VARCHAR', code: 'VARCHAR', what: 'VARCHAR'},
  /** Keys that an earlier index knew and a rebuild no longer found. */
  vanished: {record_key: 'VARCHAR'},
} as const satisfies Record<string, Readonly<Record<string, ColumnType>>>

export type TableName = keyof typeof TABLES
export const TABLE_NAMES = Object.keys(TABLES).filter(isTableName)

export function isTableName(name: string): name is TableName {
  return Object.hasOwn(TABLES, name)
}

type CellOf<T extends ColumnType> = (T extends 'VARCHAR' ? string : T extends 'BOOLEAN' ? boolean : number) | null

/** A row with every column of its table; null where there is nothing to say. */
export type Row<T extends TableName> = {
  readonly [C in keyof (typeof TABLES)[T]]: (typeof TABLES)[T][C] extends ColumnType ? CellOf<(typeof TABLES)[T][C]> : never
}

/** One row and the table that it belongs to. */
export type TableRow = {[T in TableName]: {readonly table: T; readonly row: Row<T>}}[TableName]

const ORDERS: Readonly<Partial<Record<TableName, string>>> = {records: 'record_key', components: 'name_key, version, record_id', vanished: 'record_key'}

/** The order of rows in a file: what is searched for lies together. */
export function orderOf(table: TableName): string {
  return ORDERS[table] ?? ('time_ms' in TABLES[table] ? 'time_ms, record_id' : '1, 2')
}

/** Raise it when the same records flatten to other rows; a change of columns shows by itself. */
const REVISION = 1

/** Two indexes of one format hold the same rows for the same records. */
export const INDEX_FORMAT = `${REVISION}-${sha256Hex(JSON.stringify(TABLES)).slice(0, 16)}`
