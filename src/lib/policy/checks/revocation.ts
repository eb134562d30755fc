/**
 * Is the image, or a platform of it, on the list of what must not run any more?
 *
 * An entry counts from its day on; whether the list itself is fresh was judged
 * by the real clock when it was read, whatever time is asked about.
 */
import type {Check, Observation} from '../model.ts'

export function checkRevocation({digest, platforms, revocations}: Pick<Observation, 'digest' | 'platforms' | 'revocations'>, asOf: Date): Check {
  if (revocations === undefined) return {name: 'revocation', state: 'not-checked', message: 'no revocation list is configured'}
  if (revocations.state === 'failed') return {name: 'revocation', state: 'could-not-check', reason: revocations.reason, message: revocations.message}
  for (const each of new Set([digest, ...platforms.map((platform) => platform.digest)])) {
    const entry = revocations.revoked.get(each)
    if (entry !== undefined && Date.parse(entry.since) <= asOf.getTime())
      return {name: 'revocation', state: 'failed', reason: 'image.revoked', message: `${each} is revoked as ${entry.reason} since ${entry.since}`}
  }
  return {name: 'revocation', state: 'verified', message: `not on the list of ${revocations.issuedAt}`}
}
