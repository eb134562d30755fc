/** How long a verdict is kept: an allow for minutes, so that what is taken back is gone soon; a denial shorter, so that who mends it need not wait. */
import type {ImageVerdict} from './image-verdict.ts'

const ALLOWED = 5 * 60_000
const DENIED = 60_000

/**
 * @param changes from when on the clock alone may change it, milliseconds since the epoch. @param seen when it was looked at
 * @returns milliseconds since the epoch, exclusive; never after `changes`. What could not be checked is not kept: `seen`.
 */
export function keptUntil({verdict, allowed}: Pick<ImageVerdict, 'verdict' | 'allowed'>, changes: number, seen: Date): number {
  const at = seen.getTime()
  if (verdict === 'could-not-check') return at
  return Math.min(at + (allowed ? ALLOWED : DENIED), changes)
}
