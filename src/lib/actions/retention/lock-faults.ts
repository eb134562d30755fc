/** What is wrong with the lock of one version. Pure. */
import {earliestEnd} from '../../access/retention.ts'
import type {ReasonCode} from '../../errors.ts'
import type {ObjectLock} from '../../ports/evidence-store.ts'

export interface LockFault {
  readonly code: ReasonCode
  readonly message: string
}

const DAY = 86_400_000
/** A store counts from its own clock, and years have leap days. */
export const CLOCK_SLACK = DAY
/**
 * A blob that many records name ends before the newest of them from the day after it was put. HIPAA's six years leave a year
 * of the seven, so it is no fault before a month has gone by: `evidence extend` once a month is enough.
 */
export const BLOB_SLACK = 31 * DAY

export function lockFaults({mode, until}: ObjectLock, lastModified: string): LockFault[] {
  if (mode === undefined || until === undefined) return [{code: 'lock.missing', message: 'nothing keeps it from being removed'}]
  const owed = earliestEnd(lastModified)
  return [
    ...(mode === 'COMPLIANCE' ? [] : [{code: 'lock.weak' as const, message: `its lock is ${mode}: who may bypass it can remove it before ${until}`}]),
    ...(endsBefore(until, owed, CLOCK_SLACK) ? [{code: 'retention.too-short' as const, message: `its lock ends on ${until}, and seven years on ${owed}`}] : []),
  ]
}

/** @param end absent: never locked */
export function endsBefore(end: string | undefined, owed: string, slack: number): boolean {
  return end === undefined || Date.parse(end) < Date.parse(owed) - slack
}

export function later(a: string | undefined, b: string): string {
  return a === undefined || Date.parse(a) < Date.parse(b) ? b : a
}
