/**
 * Is what the scanner knows there, fresh enough, and about what was scanned? Pure.
 *
 * An old database finds little, one without advisories for a distribution or
 * language finds nothing there, and with an empty index of Java archives these
 * are overlooked, all without a word: each is a gap of the vulnerability scan.
 */
import type {ReasonCode} from '../errors.ts'
import type {Unscanned} from '../evidence/details.ts'
import type {AdvisoryDatabase} from '../ports/scanners.ts'

export interface AdvisoryLimits {
  /** Milliseconds. */
  readonly maxAge: number
  readonly now: Date
  /** Package URL types that were seen in what is scanned. */
  readonly types: ReadonlySet<string>
  readonly systems: readonly {readonly family: string; readonly version: string}[]
}

/** A clock that is a little ahead is no reason to refuse. */
const SKEW = 5 * 60_000

type AdvisoryGap = Unscanned & {readonly reason: ReasonCode}

export function advisoryGaps({vulnerabilities, java}: AdvisoryDatabase, limits: AdvisoryLimits): readonly AdvisoryGap[] {
  const hasJava = limits.types.has('maven') || limits.types.has('jar')
  return [...databaseGap(vulnerabilities, limits), ...javaGap(java, limits, hasJava), ...sourceGaps(vulnerabilities, limits)]
}

function databaseGap(database: AdvisoryDatabase['vulnerabilities'], {maxAge, now}: AdvisoryLimits): readonly AdvisoryGap[] {
  if (database === undefined) return [{what: 'vulnerability database', reason: 'scan.database-missing'}]
  if (database.sources.length === 0) return [{what: 'vulnerability database, which is empty', reason: 'scan.database-missing'}]
  const age = now.getTime() - Date.parse(database.updatedAt)
  // From the future, its age cannot be known.
  return age > maxAge || age < -SKEW ? [{what: `vulnerability database of ${database.updatedAt}`, reason: 'scan.database-stale'}] : []
}

/** How the sources of a language begin (trivy-db, pkg/ecosystem); a language that is not here is not asked for. */
const LANGUAGES: ReadonlyMap<string, string> = new Map([
  ['cargo', 'cargo::'],
  ['cocoapods', 'cocoapods::'],
  ['composer', 'composer::'],
  ['conan', 'conan::'],
  ['gem', 'rubygems::'],
  ['golang', 'go::'],
  ['hex', 'erlang::'],
  ['maven', 'maven::'],
  ['npm', 'npm::'],
  ['nuget', 'nuget::'],
  ['pub', 'pub::'],
  ['pypi', 'pip::'],
  ['swift', 'swift::'],
])

/** The source of a distribution's release (trivy, pkg/detector/ospkg); those that go by other names than their own are not asked for. */
function releaseSource({family, version}: AdvisoryLimits['systems'][number]): string[] {
  const [major = '', minor = ''] = version.split('.')
  if (family === 'debian' || family === 'rocky' || family === 'alma') return [`${family} ${major}`]
  if (family === 'ubuntu') return [`ubuntu ${version}`]
  // A release in the making is looked up as `edge`.
  return family === 'alpine' && /^[\d.]+$/.test(version) ? [`alpine ${major}.${minor}`] : []
}

function sourceGaps(database: AdvisoryDatabase['vulnerabilities'], {types, systems}: AdvisoryLimits): readonly AdvisoryGap[] {
  if (database === undefined || database.sources.length === 0) return []
  const {sources} = database
  const languages = [...types].filter((type) => sources.every((source) => !source.startsWith(LANGUAGES.get(type) ?? '')))
  const releases = systems.flatMap(releaseSource).filter((release) => !sources.includes(release))
  return [...languages.map((type) => `advisories for ${type} packages`), ...releases.map((release) => `advisories for ${release}`)].map((what) => ({
    what,
    reason: 'scan.database-missing',
  }))
}

/** An empty index is no index, whatever is scanned: nobody makes one, and an archive without coordinates is seen by nobody. */
function javaGap(java: AdvisoryDatabase['java'], {maxAge, now}: AdvisoryLimits, hasJava: boolean): readonly AdvisoryGap[] {
  if (java === undefined) return hasJava ? [{what: 'index of Java archives', reason: 'scan.java-database'}] : []
  if (java.rows === 0) return [{what: 'index of Java archives, which is empty', reason: 'scan.java-database'}]
  const age = now.getTime() - Date.parse(java.updatedAt)
  // It says itself until when it holds: it is made less often than the vulnerability database.
  const stale = (age > maxAge && now.getTime() > Date.parse(java.nextUpdate)) || age < -SKEW
  return hasJava && stale ? [{what: `index of Java archives of ${java.updatedAt}`, reason: 'scan.java-database'}] : []
}
