/**
 * Was every package that the SBOM lists looked up by the scanner? Pure.
 *
 * Two tools look at the same bytes, so that one tool's blindness shows: a
 * package that only the SBOM has is unscanned, never clean.
 */
import {PackageURL} from 'packageurl-js'
import type {Unscanned} from '../evidence/details.ts'
import {countByType, type SbomPackage} from './spdx.ts'

/** A package that the scanner listed. */
export interface ScannedPackage {
  readonly name: string
  readonly version: string
  /** Package URL type; Trivy's own type where it gives no package URL. */
  readonly type: string
  readonly purl?: string
  /** File in which it was seen, without a leading slash. */
  readonly path?: string
  /** From a repository that the distribution's advisories do not describe: listed, but not looked up. */
  readonly thirdParty: boolean
}

export interface Coverage {
  /** In an ecosystem with advisories, but not looked up. */
  readonly unscanned: readonly Unscanned[]
  /** Packages for which nobody publishes advisories that the scanner reads: shown, not held against the image. */
  readonly uncovered: readonly {readonly type: string; readonly count: number}[]
}

/** Package URL types of system packages. */
export const SYSTEM_TYPES: ReadonlySet<string> = new Set(['apk', 'deb', 'rpm'])

/** Package URL types that Trivy 0.74 has advisories for (trivy, docs/guide/coverage). */
const LOOKED_UP: ReadonlySet<string> = new Set([
  ...SYSTEM_TYPES,
  'cargo',
  'cocoapods',
  'composer',
  'conan',
  'gem',
  'golang',
  'hex',
  'maven',
  'npm',
  'nuget',
  'pub',
  'pypi',
  'swift',
])

export function coverage(described: readonly SbomPackage[], scanned: readonly ScannedPackage[]): Coverage {
  const looked = described.filter(({type, name}) => LOOKED_UP.has(type) && name !== SIGNING_KEY)
  const found = scanned.filter(({thirdParty}) => !thirdParty)
  const known = new Set(found.map(identity))
  const foreign = new Set(scanned.filter(({thirdParty}) => thirdParty).map(identity))
  const candidates = looked.filter((item) => !known.has(identity(item)) && !foreign.has(identity(item)))
  const missing = withoutOwned(withoutRenamed(candidates, spareByFile(found, looked)), looked, known)
  const uncovered = described.filter(({type, name}) => !LOOKED_UP.has(type) && name !== SIGNING_KEY)
  const thirdParty = looked.filter((item) => foreign.has(identity(item))).map((item) => ({...item, type: `${item.type}, third-party repository`}))
  return {unscanned: nameMissing(missing, found), uncovered: countByType([...uncovered, ...thirdParty])}
}

/** A repository key that the rpm database lists among the packages; no software. */
const SIGNING_KEY = 'gpg-pubkey'

/** The same package under the same version, whichever tool wrote it down. */
function identity({type, name, version, purl}: {type: string; name: string; version: string; purl?: string}): string {
  const parsed = purl === undefined ? undefined : readPurl(purl)
  const full = parsed === undefined || SYSTEM_TYPES.has(type) ? (parsed?.name ?? name) : [parsed.namespace, parsed.name].filter(Boolean).join('/')
  return JSON.stringify([type, normalName(type, full), normalVersion(type, parsed?.version ?? version)])
}

function readPurl(purl: string): PackageURL | undefined {
  try {
    return PackageURL.fromString(purl)
  } catch {
    return undefined
  }
}

/** PEP 503 for Python; the others are compared as written, but for case. */
function normalName(type: string, name: string): string {
  return type === 'pypi' ? name.toLowerCase().replaceAll(/[-_.]+/g, '-') : name.toLowerCase()
}

/** An epoch stands in the version for one tool and in a qualifier for the other. */
function normalVersion(type: string, version: string): string {
  if (SYSTEM_TYPES.has(type)) return version.replace(/^\d+:/, '')
  return type === 'golang' ? version.replace(/^(?:v|go)(?=\d)/, '') : version
}

type Spare = Map<string, number>

/** Per file, what the scanner saw in it under a name or version that the SBOM does not have. */
function spareByFile(scanned: readonly ScannedPackage[], described: readonly SbomPackage[]): Spare {
  const known = new Set(described.map(identity))
  const spare: Spare = new Map()
  for (const item of scanned) {
    if (item.path === undefined || known.has(identity(item))) continue
    // A Java archive inside another one is seen in the outer one.
    for (const path of [item.path, ...outerArchives(item.path)]) spare.set(fileKey(item.type, path), (spare.get(fileKey(item.type, path)) ?? 0) + 1)
  }
  return spare
}

function outerArchives(path: string): string[] {
  return [...path.matchAll(/\.(?:jar|war|ear|par)(?=\/)/g)].map(({index}) => path.slice(0, index + 4))
}

/** Both saw the same file and call what is in it by different names: one for one, that is no gap. */
function withoutRenamed(missing: readonly SbomPackage[], spare: Spare): SbomPackage[] {
  return missing.filter(({type, paths}) => {
    const key = paths.map((path) => fileKey(type, path)).find((candidate) => (spare.get(candidate) ?? 0) > 0)
    if (key === undefined) return true
    spare.set(key, (spare.get(key) ?? 0) - 1)
    return false
  })
}

/** What a system package installed is judged by the distribution's advisories for that package, so Trivy drops it. */
function withoutOwned(missing: readonly SbomPackage[], described: readonly SbomPackage[], known: ReadonlySet<string>): SbomPackage[] {
  const judged = new Set(described.filter((item) => SYSTEM_TYPES.has(item.type) && known.has(identity(item))).map(({name}) => name))
  return missing.filter(({owner}) => owner === undefined || !judged.has(owner))
}

function fileKey(type: string, path: string): string {
  return `${type} ${path}`
}

/** A type of which nothing was looked up is one row: the scanner was blind to it as a whole. */
function nameMissing(missing: readonly SbomPackage[], scanned: readonly ScannedPackage[]): Unscanned[] {
  const seenTypes = new Set(scanned.map(({type}) => type))
  const blind = countByType(missing.filter(({type}) => !seenTypes.has(type)))
  return [
    ...blind.map(({type, count}) => ({
      what: count === 1 ? `1 ${type} package` : `${count} ${type} packages`,
      reason: SYSTEM_TYPES.has(type) ? 'trivy.system-packages-lost' : 'trivy.packages-lost',
    })),
    ...missing.filter(({type}) => seenTypes.has(type)).map(({name, version}) => ({what: `${name}@${version}`.slice(0, 256), reason: 'trivy.package-lost'})),
  ]
}
