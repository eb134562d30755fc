/**
 * What a record's blobs hold, as rows: components of an SBOM, findings of a scan, differences of a reconciliation. Pure.
 *
 * A blob that is whole but is not what its record says becomes a fault, which
 * every answer names: one bad document must not silence all the others.
 */
import {AppError, type ReasonCode} from '../errors.ts'
import {DIFFERENCES_BLOB, DifferencesBlob} from '../evidence/differences.ts'
import {FindingsBlob, FINDINGS_BLOB, type Finding} from '../evidence/finding.ts'
import type {RecordOf} from '../evidence/schema.ts'
import {readSpdx} from '../sbom/spdx.ts'
import {commonColumns, type FoundRecord} from './columns.ts'
import {coordinatesOf} from './coordinates.ts'
import {differenceRows} from './flatten-differences.ts'
import type {TableRow} from './tables.ts'

/** A blob to fetch; without a digest the record names a blob that it does not list. */
export interface WantedBlob {
  readonly name: string
  readonly sha256: string | undefined
  /** @param bytes checked against `sha256` */
  readonly flatten: (bytes: Uint8Array) => TableRow[]
}

/** The blobs of `found` that the tables need. */
export function wantedBlobs(found: FoundRecord): WantedBlob[] {
  const {record} = found
  const wanted = (name: string, flatten: (bytes: Uint8Array) => TableRow[]): WantedBlob => ({
    name,
    sha256: record.data.blobs.find((blob) => blob.name === name)?.sha256,
    flatten: (bytes) => readable(found, name, () => flatten(bytes)),
  })
  if (record.stream === 'sbom') {
    return record.data.detail.platforms.map((platform) => wanted(platform.blob, (bytes) => componentRows(found, platform, bytes)))
  }
  // A comparison that another tool wrote down may come without them; its counts are in the record.
  if (record.stream === 'reconciliation' && record.data.blobs.some(({name}) => name === DIFFERENCES_BLOB))
    return [wanted(DIFFERENCES_BLOB, (bytes) => differenceRows(record, commonColumns(found), parsed(DifferencesBlob, bytes)))]
  // A scan by another tool may come without findings; its counts are in the record.
  const hasFindings = record.stream === 'scan' && record.data.blobs.some(({name}) => name === FINDINGS_BLOB)
  return hasFindings ? [wanted(FINDINGS_BLOB, (bytes) => findingRows(found, bytes))] : []
}

/** The row that says that something of `found` cannot be read. */
export function faultRow({record, key}: Pick<FoundRecord, 'key'> & {readonly record?: FoundRecord['record']}, code: ReasonCode, what: string): TableRow {
  return {table: 'faults', row: {record_id: record?.id ?? null, record_key: key, code, what}}
}

function readable(found: FoundRecord, name: string, flatten: () => TableRow[]): TableRow[] {
  try {
    return flatten()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return [faultRow(found, 'record.invalid', `${name} of the ${found.record.stream} record ${found.record.id} cannot be read: ${error.message}`)]
  }
}

function componentRows(found: FoundRecord, {platform, digest}: RecordOf<'sbom'>['data']['detail']['platforms'][number], bytes: Uint8Array): TableRow[] {
  const {record_id, dt, time, time_ms, system, repository, digest: subject} = commonColumns(found)
  return readSpdx(bytes).packages.map(({name, version, purl, type, licence}) => {
    const {key, group} = coordinatesOf(name, purl)
    return {
      table: 'components',
      row: {
        record_id,
        dt,
        time,
        time_ms,
        system,
        repository,
        digest: subject,
        platform,
        platform_digest: digest ?? null,
        name_key: key,
        group_key: group,
        name,
        version,
        purl: purl ?? null,
        type,
        license: licence ?? null,
      },
    }
  })
}

function findingRows(found: FoundRecord, bytes: Uint8Array): TableRow[] {
  const common = commonColumns(found)
  return parsed(FindingsBlob, bytes).findings.map((finding: Finding) => ({
    table: 'findings',
    row: {
      ...common,
      finding: finding.fingerprint,
      kind: finding.kind,
      rule: finding.id,
      severity: finding.severity,
      package: finding.package?.name ?? null,
      version: finding.package?.version ?? null,
      purl: finding.package?.purl ?? null,
      fixed: finding.fixed_version ?? null,
      place: finding.location?.path ?? null,
      line: finding.location?.line ?? null,
      platform: finding.platform ?? null,
    },
  }))
}

interface Schema<T> {
  safeParse(value: unknown): {success: true; data: T} | {success: false; error: {issues: readonly {path: readonly PropertyKey[]; message: string}[]}}
}

function parsed<T>(schema: Schema<T>, bytes: Uint8Array): T {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw new AppError('record.invalid', 'it is no JSON', {cause})
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new AppError('record.invalid', `${issue?.path.join('.') || '(top)'}: ${issue?.message ?? 'does not fit'}`)
}
