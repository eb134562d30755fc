/**
 * A finding, normalised: the one shape for every scanner, and the blob
 * `findings.json` that a scan record points at.
 *
 * Rules: no source text and no secret ever stands in a finding; a fingerprint
 * stays the same from build to build, so that first seen and last seen can be
 * derived. Members stand in the order in which they are written.
 */
import {createHash} from 'node:crypto'
import {z} from 'zod'
import {ScanKind} from './details.ts'
import {Code, Count, OciDigest, Purl, Severity, Sha256, type Counts} from './primitives.ts'

export const FINDINGS_SCHEMA = 'urn:hipaa-ci:findings:1'
export const FINDINGS_BLOB = 'findings.json'
export const FINDINGS_MEDIA_TYPE = 'application/vnd.hipaa-ci.findings.v1+json'

/** What the scanner names; wider than `Version`, because package authors write what they like. */
const PackageText = z.string().min(1).max(256)

export const FindingPackage = z.strictObject({
  name: PackageText,
  version: PackageText.optional(),
  purl: Purl.optional(),
  /** Package URL type: `deb`, `npm`, `maven`. */
  type: Code,
})
export type FindingPackage = z.infer<typeof FindingPackage>

export const Finding = z
  .strictObject({
    kind: ScanKind,
    /** Advisory (`CVE-…`, `GHSA-…`) or rule. */
    id: Code,
    fingerprint: Sha256,
    severity: Severity,
    /** Whose severity it is: `debian`, `ghsa`, `nvd`, `trivy`, `semgrep`. */
    severity_source: Code,
    package: FindingPackage.optional(),
    /** As the advisory writes it; several branches are parted by commas. */
    fixed_version: z.string().min(1).max(512).optional(),
    location: z.strictObject({path: z.string().min(1).max(512), line: Count.optional()}).optional(),
    /** The advisory's or rule's own heading: never interpolated with what was found. */
    title: z.string().min(1).max(200).optional(),
    /** Manifest of the platform in which it was found. */
    platform: OciDigest.optional(),
  })
  .meta({id: 'Finding'})
export type Finding = z.infer<typeof Finding>

export const FindingsBlob = z.strictObject({schema: z.literal(FINDINGS_SCHEMA), findings: z.array(Finding)}).meta({id: 'Findings'})
export type FindingsBlob = z.infer<typeof FindingsBlob>

/** The blob's bytes: the same findings give the same bytes, whatever order they were found in. */
export function encodeFindings(findings: readonly Finding[]): Uint8Array {
  const parsed = FindingsBlob.parse({schema: FINDINGS_SCHEMA, findings})
  parsed.findings.sort((a, b) => compare(sortKey(a), sortKey(b)))
  return Buffer.from(`${JSON.stringify(parsed)}\n`)
}

/** Findings by severity, each fingerprint once at its worst: two platforms with the same fault are one fault. */
export function countFindings(findings: readonly Finding[]): Counts {
  const counts: Counts = {}
  for (const {severity} of distinctFindings(findings)) counts[severity] = (counts[severity] ?? 0) + 1
  return counts
}

/** One finding per kind and fingerprint: the worst one. */
export function distinctFindings(findings: readonly Finding[]): Finding[] {
  const distinct = new Map<string, Finding>()
  for (const finding of findings) {
    const key = `${finding.kind} ${finding.fingerprint}`
    const other = distinct.get(key)
    if (other === undefined || SEVERITY_RANK[finding.severity] < SEVERITY_RANK[other.severity]) distinct.set(key, finding)
  }
  return [...distinct.values()]
}

/** Worst first, for tables. */
export function bySeverity(a: Finding, b: Finding): number {
  return SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity] || compare(sortKey(a), sortKey(b))
}

/** SHA-256 over parts that cannot run into each other. */
export function fingerprint(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** Cuts to `max` characters, marking the cut; empty text becomes undefined. */
export function clip(text: string | undefined, max: number): string | undefined {
  const clean = text?.replaceAll(/\s+/g, ' ').trim()
  if (clean === undefined || clean === '') return undefined
  return clean.length <= max ? clean : `${clean.slice(0, max - 1)}…`
}

/** A name as a `Code`: what cannot stand in one becomes a hyphen. */
export function toCode(name: string): string {
  const clean = name.replaceAll(/[^A-Za-z0-9._/:@#+-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '')
  return clean.slice(0, 128) || 'unnamed'
}

/** The end of a long path says more than its beginning. */
export function clipPath(path: string): string {
  return path.length <= 512 ? path : `…${path.slice(-511)}`
}

const SEVERITY_RANK: Readonly<Record<Severity, number>> = {critical: 0, error: 1, high: 2, warning: 3, medium: 4, low: 5, info: 6, unknown: 7}

function sortKey(finding: Finding): string {
  return JSON.stringify([
    finding.kind,
    finding.id,
    finding.package?.name,
    finding.location?.path,
    finding.location?.line,
    finding.fingerprint,
    finding.platform,
  ])
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
