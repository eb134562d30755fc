/** How a version is locked, against how long evidence is kept. Pure. */
import type {EvidenceFinding} from '../evidence/chain-link.ts'
import type {ObjectLock} from '../ports/evidence-store.ts'
import type {Leaf} from './leaf.ts'

/** HIPAA's six years are inside. */
const YEARS = 7
/** Stores count a year as 365 days, or by the calendar. */
const TOLERANCE = 3 * 86_400_000

/** @param came when the version was written, by the store */
export function lockFinding(key: string, lock: ObjectLock | undefined, came: string): EvidenceFinding | undefined {
  if (lock === undefined || (lock.mode === undefined && lock.hold === undefined)) return {code: 'lock.missing', key, message: 'it is not locked'}
  if (lock.mode === undefined || lock.until === undefined) return {code: 'lock.weak', key, message: 'only a legal hold keeps it, which can be lifted'}
  if (lock.mode === 'GOVERNANCE') return {code: 'lock.weak', key, message: 'its lock is of the mode GOVERNANCE, which can be bypassed'}
  if (Date.parse(lock.until) >= keptUntil(came) - TOLERANCE) return undefined
  return {code: 'retention.too-short', key, message: `it came at ${came}, and its lock ends at ${lock.until}`}
}

/** As it was when it was sealed. */
export function leafLock(lock: Leaf['lock']): ObjectLock | undefined {
  if (lock === undefined) return undefined
  const {mode, until, hold} = lock
  return {...(mode !== undefined && {mode}), ...(until !== undefined && {until}), ...(hold !== undefined && {hold})}
}

function keptUntil(came: string): number {
  const end = new Date(came)
  end.setUTCFullYear(end.getUTCFullYear() + YEARS)
  return end.getTime()
}
