/** Whether a lock ends too early, and by how much it may. Pure. */

const DAY = 86_400_000
/** A store counts from its own clock, and years have leap days. */
export const CLOCK_SLACK = DAY
/**
 * A blob that many records name ends before the newest of them from the day after it was put. HIPAA's six years leave a year
 * of the seven, so it is no fault before a month has gone by: `evidence extend` once a month is enough.
 */
export const BLOB_SLACK = 31 * DAY

/** @param end absent: never locked */
export function endsBefore(end: string | undefined, owed: string, slack: number): boolean {
  return end === undefined || Date.parse(end) < Date.parse(owed) - slack
}

export function later(a: string | undefined, b: string): string {
  return a === undefined || Date.parse(a) < Date.parse(b) ? b : a
}
