/**
 * Is what the scanner knows there, and fresh enough? Pure.
 *
 * An old database finds little, and an empty index of Java archives nothing,
 * without a word: both are gaps of the vulnerability scan.
 */
import type {ReasonCode} from '../errors.ts'
import type {Unscanned} from '../evidence/details.ts'
import type {AdvisoryDatabase} from '../ports.ts'

export interface AdvisoryLimits {
  /** Milliseconds. */
  readonly maxAge: number
  readonly now: Date
  /** Java archives are known to be in what is scanned. */
  readonly hasJava: boolean
}

/** A clock that is a little ahead is no reason to refuse. */
const SKEW = 5 * 60_000

export function advisoryGaps(
  {vulnerabilities, java}: AdvisoryDatabase,
  {maxAge, now, hasJava}: AdvisoryLimits,
): readonly (Unscanned & {readonly reason: ReasonCode})[] {
  return [...databaseGap(vulnerabilities, maxAge, now), ...javaGap(java, maxAge, now, hasJava)]
}

function databaseGap(database: AdvisoryDatabase['vulnerabilities'], maxAge: number, now: Date): readonly (Unscanned & {readonly reason: ReasonCode})[] {
  if (database === undefined) return [{what: 'vulnerability database', reason: 'scan.database-missing'}]
  const age = now.getTime() - Date.parse(database.updatedAt)
  // From the future, its age cannot be known.
  return age > maxAge || age < -SKEW ? [{what: `vulnerability database of ${database.updatedAt}`, reason: 'scan.database-stale'}] : []
}

/** An empty index is no index, whatever is scanned: nobody makes one, and an archive without coordinates is seen by nobody. */
function javaGap(java: AdvisoryDatabase['java'], maxAge: number, now: Date, hasJava: boolean): readonly (Unscanned & {readonly reason: ReasonCode})[] {
  if (java === undefined) return hasJava ? [{what: 'index of Java archives', reason: 'scan.java-database'}] : []
  if (java.rows === 0) return [{what: 'index of Java archives, which is empty', reason: 'scan.java-database'}]
  const age = now.getTime() - Date.parse(java.updatedAt)
  // It says itself until when it holds: it is made less often than the vulnerability database.
  const stale = (age > maxAge && now.getTime() > Date.parse(java.nextUpdate)) || age < -SKEW
  return hasJava && stale ? [{what: `index of Java archives of ${java.updatedAt}`, reason: 'scan.java-database'}] : []
}
