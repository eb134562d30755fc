/** What one run of Trivy found, looked up and complained of. Pure. */
import {AppError} from '../errors.ts'
import type {Finding} from '../evidence/finding.ts'
import type {ScannedPackage} from '../sbom/coverage.ts'
import {misconfigurationFindings, secretFindings, vulnerabilityFindings} from './trivy-findings.ts'
import {readTrivyLog, type TrivyLog} from './trivy-log.ts'
import {Report, type TrivyJson, type TrivyResult} from './trivy-schema.ts'

export interface TrivyReport extends TrivyLog {
  /** Without the platform, which the caller knows. */
  readonly findings: readonly Finding[]
  readonly packages: readonly ScannedPackage[]
  readonly os?: {readonly family: string; readonly version: string; readonly endOfLife: boolean}
  /** Findings that something in the target told Trivy to leave out. */
  readonly suppressed: number
  /** As Trivy wrote it. */
  readonly raw: Uint8Array
}

/** @throws AppError `tool.output` */
export function readTrivyReport(bytes: Uint8Array, stderr: string): TrivyReport {
  const json = parseReport(bytes)
  const {Metadata, Results} = json
  const os = Metadata?.OS
  return {
    findings: [...vulnerabilityFindings(json), ...secretFindings(json), ...misconfigurationFindings(json)],
    packages: Results.flatMap(packagesOf),
    ...(os !== undefined && {os: {family: os.Family, version: os.Name ?? '', endOfLife: os.EOSL ?? false}}),
    suppressed: Results.reduce((sum, result) => sum + result.ExperimentalModifiedFindings.length, 0),
    ...readTrivyLog(stderr),
    raw: bytes,
  }
}

function parseReport(bytes: Uint8Array): TrivyJson {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(bytes))
  } catch (cause) {
    throw new AppError('tool.output', `trivy's report of ${bytes.byteLength} bytes is not JSON`, {cause})
  }
  const parsed = Report.safeParse(value)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(report)'}: ${issue.message}`)
  throw new AppError('tool.output', `trivy's report is not what version 2 of its schema says: ${faults.slice(0, 5).join('; ')}`)
}

function packagesOf({Packages, Target, Class, Type}: TrivyResult): ScannedPackage[] {
  return Packages.map((item) => {
    const purl = item.Identifier?.PURL
    const path = item.FilePath ?? (Class === 'lang-pkgs' ? Target : undefined)
    return {
      name: item.Name ?? '',
      version: [item.Version, item.Release].filter((part) => part !== undefined && part !== '').join('-'),
      type: /^pkg:([^/]+)\//.exec(purl ?? '')?.[1] ?? Type ?? 'unknown',
      thirdParty: item.Repository?.Class === 'third-party',
      ...(purl !== undefined && {purl}),
      ...(path !== undefined && {path: path.replace(/^\/+/, '')}),
    }
  })
}
