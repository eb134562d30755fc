/**
 * Was every platform scanned, recently enough, with a database that was fresh
 * enough then? And, counted again, is what was found within the environment's limits?
 */
import type {Counts} from '../../evidence/primitives.ts'
import {VULNS_TYPE, type Statement} from '../../evidence/statement.ts'
import {countVulns, VulnsPredicate} from '../../predicates/vulns.ts'
import type {Check, Observation, Policy} from '../model.ts'
import {attestations, isFuture, newest} from '../select.ts'

const HOUR = 3_600_000

export function checkScan(observation: Observation, policy: Policy, now: Date): Check {
  const required = policy.requires?.scan
  if (required === undefined) return {name: 'scan', state: 'not-required', message: 'the policy asks for no scan'}
  const read = readScans(observation, policy, now)
  if ('name' in read) return read
  if (read.some(({finishedAt, databaseAt}) => isFuture(finishedAt, now) || isFuture(databaseAt, now)))
    return {name: 'scan', state: 'failed', reason: 'attestation.invalid', message: 'the scan, or its database, says that it is from the future'}
  const age = Math.max(...read.map(({finishedAt}) => now.getTime() - Date.parse(finishedAt)))
  // What the scanner knew is as old as its database: a scan of today with last year's knowledge is last year's scan.
  const lag = Math.max(...read.map(({finishedAt, databaseAt}) => Date.parse(finishedAt) - Date.parse(databaseAt)))
  const limit = required['max-age'] ?? Number.POSITIVE_INFINITY
  if (age > limit) return tooOld(`scanned ${days(age)} ago; at most ${days(limit)} are allowed`)
  if (lag > limit) return tooOld(`scanned with a database that was ${days(lag)} old; at most ${days(limit)} are allowed`)
  return {name: 'scan', state: 'verified', message: age < HOUR ? 'scanned less than an hour ago' : `scanned ${days(age)} ago`}
}

export interface ReadScan {
  readonly counts: Counts
  readonly finishedAt: string
  readonly databaseAt: string
}

/** The newest signed scan of every platform, or the check that says what is wrong with one. */
export function readScans(observation: Observation, policy: Policy, now: Date): readonly ReadScan[] | Check {
  const scans: ReadScan[] = []
  for (const {platform, digest} of observation.platforms) {
    const found = attestations(VULNS_TYPE, digest, observation, policy, now)
    if (found.length === 0) return {name: 'scan', state: 'missing', reason: 'scan.missing', message: `no signed scan result for ${platform}`}
    for (const {statement} of newest(found, finishedOn)) {
      const parsed = VulnsPredicate.safeParse(statement.predicate)
      if (!parsed.success)
        return {
          name: 'scan',
          state: 'failed',
          reason: 'attestation.invalid',
          message: `the signed scan result of ${platform} is not a vulnerabilities predicate`,
        }
      const {scanner, metadata} = parsed.data
      scans.push({counts: countVulns(parsed.data), finishedAt: metadata.scanFinishedOn, databaseAt: scanner.db.lastUpdate})
    }
  }
  return scans
}

function finishedOn(statement: Statement): string | undefined {
  const parsed = VulnsPredicate.safeParse(statement.predicate)
  return parsed.success ? parsed.data.metadata.scanFinishedOn : undefined
}

function tooOld(message: string): Check {
  return {name: 'scan', state: 'failed', reason: 'scan.too-old', message, fix: 'hipaa-ci scan <image> --update-db && hipaa-ci attest <image> --type vulns'}
}

function days(ms: number): string {
  const hours = Math.max(0, Math.floor(ms / HOUR))
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`
}
