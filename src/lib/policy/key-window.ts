/**
 * May a key be trusted at `now`?
 *
 * A signature carries no trusted time yet, so a retired key cannot prove that
 * its signature is older than its retirement; a compromised key never can.
 */
import type {ReasonCode} from '../errors.ts'
import type {PolicyKey} from './model.ts'

/** The reason against `key`; undefined where it may be used. */
export function keyFault(key: PolicyKey, now: Date): ReasonCode | undefined {
  if (key.status === 'compromised') return 'signature.key-compromised'
  const today = now.toISOString().slice(0, 10)
  if (key.from !== undefined && today < key.from) return 'signature.key-retired'
  if (key.status === 'retired' || (key.until !== undefined && today > key.until)) return 'signature.no-trusted-time'
  return undefined
}
