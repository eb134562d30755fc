/**
 * May a key be trusted at `now`?
 *
 * A signature carries no trusted time yet, so a retired key cannot prove that
 * its signature is older than its retirement; a compromised key never can.
 */
import type {ReasonCode} from '../errors.ts'
import type {PolicyKey} from './model.ts'

interface KeyFault {
  readonly reason: ReasonCode
  /** Ends a sentence: `the key …, which …`. */
  readonly message: string
}

/**
 * The fault of the signer `spki`; undefined where it may be used. A key that is
 * pinned more than once may be used if one pin allows it, but never once any
 * pin calls it compromised.
 */
export function signerFault(spki: string, keys: readonly PolicyKey[], now: Date): KeyFault | undefined {
  const faults = keys.filter((key) => key.spki === spki).map((key) => keyFault(key, now))
  const compromised = faults.find((fault) => fault?.reason === 'signature.key-compromised')
  if (compromised !== undefined) return compromised
  const [first = {reason: 'signature.wrong-key', message: 'which is not trusted here'} as const] = faults
  return faults.includes(undefined) ? undefined : first
}

/** The fault of one pin; undefined where it allows the key. */
function keyFault(key: PolicyKey, now: Date): KeyFault | undefined {
  if (key.status === 'compromised') return {reason: 'signature.key-compromised', message: 'which is compromised'}
  const today = now.toISOString().slice(0, 10)
  if (key.from !== undefined && today < key.from) return {reason: 'signature.key-retired', message: `which is trusted only from ${key.from}`}
  if (key.status === 'retired') return {reason: 'signature.no-trusted-time', message: 'which is retired'}
  if (key.until !== undefined && today > key.until) return {reason: 'signature.no-trusted-time', message: `which was trusted only until ${key.until}`}
  return undefined
}
