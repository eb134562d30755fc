/** Was every platform scanned, and recently enough? And, counted again, is what was found within the environment's limits? */
import type {Counts} from '../../evidence/primitives.ts'
import {VULNS_TYPE, type Statement} from '../../evidence/statement.ts'
import {countVulns, VulnsPredicate} from '../../predicates/vulns.ts'
import type {Check, Observation, Policy} from '../model.ts'
import {attestations, newest} from '../select.ts'

/** Clocks of two machines may differ by this much, in milliseconds; a scan from further in the future proves nothing. */
const CLOCK_TOLERANCE = 5 * 60_000

export function checkScan(observation: Observation, policy: Policy, now: Date): Check {
  const required = policy.requires?.scan
  if (required === undefined) return {name: 'scan', state: 'not-required', message: 'the policy asks for no scan'}
  const read = readScans(observation, policy, now)
  if ('name' in read) return {...read, name: 'scan'}
  const ages = read.map(({finishedAt}) => now.getTime() - Date.parse(finishedAt))
  const oldest = Math.max(...ages)
  if (Math.min(...ages) < -CLOCK_TOLERANCE) return {name: 'scan', state: 'failed', reason: 'attestation.invalid', message: 'the scan says that it ended in the future'}
  const limit = required['max-age']
  if (limit !== undefined && oldest > limit) return {name: 'scan', state: 'failed', reason: 'scan.too-old', message: `scanned ${days(oldest)} ago; at most ${days(limit)} are allowed`}
  return {name: 'scan', state: 'verified', message: `scanned ${days(oldest)} ago`}
}

export interface ReadScan {
  readonly counts: Counts
  readonly finishedAt: string
}

/** The newest signed scan of every platform, or the check that says what is wrong with one. */
export function readScans(observation: Observation, policy: Policy, now: Date): readonly ReadScan[] | Check {
  const scans: ReadScan[] = []
  for (const {platform, digest} of observation.platforms) {
    const found = attestations(VULNS_TYPE, digest, observation, policy, now)
    if (found.length === 0) return {name: 'scan', state: 'missing', reason: 'scan.missing', message: `no signed scan result for ${platform}`}
    for (const {statement} of newest(found, finishedOn)) {
      const parsed = VulnsPredicate.safeParse(statement.predicate)
      if (!parsed.success) return {name: 'scan', state: 'failed', reason: 'attestation.invalid', message: `the signed scan result of ${platform} is not a vulnerabilities predicate`}
      scans.push({counts: countVulns(parsed.data), finishedAt: parsed.data.metadata.scanFinishedOn})
    }
  }
  return scans
}

function finishedOn(statement: Statement): string | undefined {
  const parsed = VulnsPredicate.safeParse(statement.predicate)
  return parsed.success ? parsed.data.metadata.scanFinishedOn : undefined
}

function days(ms: number): string {
  const hours = Math.max(0, Math.floor(ms / 3_600_000))
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`
}
