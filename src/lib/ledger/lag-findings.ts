/** How far the log is behind. Pure. */
import type {EvidenceFinding} from '../evidence/chain-link.ts'
import {sealKey} from '../evidence/key.ts'
import {SKEW} from './time-findings.ts'

/** Where a configuration says nothing: a day. */
const MAX_LAG = 86_400_000

export interface Lag {
  readonly now: number
  /** Records that no seal has, and the one that has been there the longest. */
  readonly unsealed: number
  readonly oldest?: {readonly key: string; readonly since: number}
  readonly newest: {readonly n: number; readonly sealedAt: string} | undefined
  /** As `sealing` of the configuration, milliseconds. */
  readonly maxLag?: number
  readonly heartbeat?: number
}

export function lagFindings({now, unsealed, oldest, newest, maxLag = MAX_LAG, heartbeat}: Lag): EvidenceFinding[] {
  const findings: EvidenceFinding[] = []
  if (oldest !== undefined && now - oldest.since > maxLag) {
    const since = new Date(oldest.since).toISOString()
    findings.push({
      code: 'seal.stale-tail',
      key: oldest.key,
      message: `${unsealed === 1 ? '1 record is' : `${unsealed} records are`} not sealed, the oldest since ${since}`,
    })
  }
  if (newest !== undefined && heartbeat !== undefined && !isAlive(now - Date.parse(newest.sealedAt), heartbeat))
    findings.push({
      code: 'seal.stale',
      key: sealKey(newest.n),
      message: `the newest seal is of ${newest.sealedAt}, and one is owed every ${heartbeat / 60_000} minutes`,
    })
  return findings
}

/** A seal that is dated ahead is no sign of life: it would be one until that time has come. */
function isAlive(age: number, heartbeat: number): boolean {
  return age <= 2 * heartbeat && age >= -Math.max(SKEW, 2 * heartbeat)
}
