/** The findings of one Trivy report, normalised. Pure. */
import {PackageURL} from 'packageurl-js'
import {clip, clipPath, fingerprint, toCode, type Finding, type FindingPackage} from '../evidence/finding.ts'
import {Purl, type Severity} from '../evidence/primitives.ts'
import type {TrivyJson, TrivyResult} from './trivy-schema.ts'

type Vulnerability = TrivyResult['Vulnerabilities'][number]

const SEVERITIES: Readonly<Record<string, Severity>> = {CRITICAL: 'critical', HIGH: 'high', MEDIUM: 'medium', LOW: 'low', UNKNOWN: 'unknown'}

/** A fingerprint is the advisory, the package without its version, and the artifact it lies in: it outlives an update that does not help. */
export function vulnerabilityFindings({Results}: TrivyJson): Finding[] {
  return Results.flatMap((result) =>
    result.Vulnerabilities.map((item) => {
      const path = artifactPath(item, result)
      const found = packageOf(item, result)
      return {
        kind: 'vulnerability' as const,
        id: toCode(item.VulnerabilityID),
        fingerprint: fingerprint('vulnerability', item.VulnerabilityID, identity(found), versionless(path ?? '', found.version)),
        severity: severityOf(item.Severity),
        severity_source: toCode(item.SeveritySource ?? 'trivy'),
        package: found,
        ...optional('fixed_version', clip(item.FixedVersion, 512)),
        ...(path !== undefined && {location: {path: clipPath(path)}}),
        ...optional('title', clip(item.Title, 200)),
      }
    }),
  )
}

/** A secret is named by its rule and place, never by itself. */
export function secretFindings({ArtifactName, Results}: TrivyJson): Finding[] {
  const occurrence = counter()
  return Results.flatMap(({Target, Secrets}) => {
    const path = insideTarget(Target, ArtifactName)
    return Secrets.toSorted((a, b) => (a.StartLine ?? 0) - (b.StartLine ?? 0)).map((item) => ({
      kind: 'secret' as const,
      id: toCode(item.RuleID),
      fingerprint: fingerprint('secret', item.RuleID, path, occurrence(`${item.RuleID}\0${path}`)),
      severity: severityOf(item.Severity),
      severity_source: 'trivy',
      location: {path: clipPath(path), ...optional('line', item.StartLine)},
      ...optional('title', clip(item.Title, 200)),
    }))
  })
}

export function misconfigurationFindings({ArtifactName, Results}: TrivyJson): Finding[] {
  const occurrence = counter()
  return Results.flatMap(({Target, Misconfigurations}) => {
    const path = insideTarget(Target, ArtifactName)
    return Misconfigurations.filter(({Status}) => Status !== 'PASS').map((item) => {
      const resource = item.CauseMetadata?.Resource ?? ''
      return {
        kind: 'misconfiguration' as const,
        id: toCode(item.ID),
        fingerprint: fingerprint('misconfiguration', item.ID, path, resource, occurrence(`${item.ID}\0${path}\0${resource}`)),
        severity: severityOf(item.Severity),
        severity_source: 'trivy',
        location: {path: clipPath(path), ...optional('line', item.CauseMetadata?.StartLine)},
        ...optional('title', clip(item.Title, 200)),
      }
    })
  })
}

/** Where a fault is in the image's configuration and not in one of its files. */
const IMAGE_CONFIG = 'image-config'

function packageOf(item: Vulnerability, {Type}: TrivyResult): FindingPackage {
  const purl = item.PkgIdentifier?.PURL
  return {
    name: clip(item.PkgName, 256) ?? 'unnamed',
    ...optional('version', clip(item.InstalledVersion, 256)),
    ...(Purl.safeParse(purl).success && optional('purl', purl)),
    type: toCode(/^pkg:([a-z][a-z0-9.+-]*)\//.exec(purl ?? '')?.[1] ?? Type ?? 'unknown'),
  }
}

/** The file for language packages; system packages are found by name alone, because Trivy's target carries the image's name. */
function artifactPath({PkgPath}: Vulnerability, {Class, Target}: TrivyResult): string | undefined {
  const path = PkgPath ?? (Class === 'lang-pkgs' ? Target : undefined)
  return path === undefined || path === '' ? undefined : path.replace(/^\/+/, '')
}

/** Without version and qualifiers: the architecture and the distribution's point release are not part of what is at fault. */
function identity({purl, type, name}: FindingPackage): string {
  if (purl === undefined) return `${type}/${name}`
  try {
    const {type: kind, namespace, name: bare, subpath} = PackageURL.fromString(purl)
    return [kind, namespace, bare, subpath].filter((part) => part !== undefined && part !== null && part !== '').join('/')
  } catch {
    return `${type}/${name}`
  }
}

/** `lib/log4j-core-2.14.1.jar` -> `lib/log4j-core-*.jar`. */
function versionless(path: string, version: string | undefined): string {
  return version === undefined ? path : path.replaceAll(`-${version}`, '-*')
}

function insideTarget(target: string, artifact: string): string {
  return target === artifact ? IMAGE_CONFIG : target.replace(/^\/+/, '')
}

function severityOf(name: string | undefined): Severity {
  return SEVERITIES[name ?? ''] ?? 'unknown'
}

/** `0`, `1`, … per key, in the order of asking. */
function counter(): (key: string) => string {
  const seen = new Map<string, number>()
  return (key) => {
    const count = seen.get(key) ?? 0
    seen.set(key, count + 1)
    return String(count)
  }
}

function optional<K extends string, V>(key: K, value: V | undefined): {readonly [P in K]?: V} {
  const none: {readonly [P in K]?: V} = {}
  return value === undefined ? none : {...none, [key]: value}
}
