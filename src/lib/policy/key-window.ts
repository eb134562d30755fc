/**
 * May a signer be trusted for what it signed?
 *
 * A key counts within its window of days. Only a trusted time proves that a
 * signature is older than the end of it: without one, what a retired key has
 * signed may be of today. A compromised key never counts again, because whoever
 * has it may have had it before.
 */
import type {ReasonCode} from '../errors.ts'
import type {SignerId} from '../evidence/details.ts'
import type {Policy, PolicyKey} from './model.ts'

export interface SignerFault {
  readonly reason: ReasonCode
  /** Ends a sentence: `the key …, which …`. */
  readonly message: string
}

/** When something was signed: the trusted time, where there is one, and the time of asking. */
export interface SigningTime {
  readonly now: Date
  /** UTC with milliseconds. */
  readonly signedAt?: string | undefined
}

/** The signers of a policy, in one of their parts. */
export type Signers = Pick<Policy, 'keys' | 'identities'>

/**
 * The fault of `signer`; undefined where it may be used. A key that is pinned
 * more than once may be used if one pin allows it, but never once any pin calls
 * it compromised.
 */
export function signerFault(signer: SignerId, {keys, identities = []}: Signers, time: SigningTime): SignerFault | undefined {
  if ('identity' in signer) {
    const known = identities.some(({issuer, identity}) => issuer === signer.issuer && identity === signer.identity)
    return known ? undefined : {reason: 'signature.wrong-identity', message: 'which is not trusted here'}
  }
  const faults = keys.filter((key) => key.spki === signer.spki).map((key) => keyFault(key, time))
  const compromised = faults.find((fault) => fault?.reason === 'signature.key-compromised')
  if (compromised !== undefined) return compromised
  const [first = {reason: 'signature.wrong-key', message: 'which is not trusted here'} as const] = faults
  return faults.includes(undefined) ? undefined : first
}

/** The fault of one pin; undefined where it allows the key. */
function keyFault({status, from, until}: PolicyKey, {now, signedAt}: SigningTime): SignerFault | undefined {
  if (status === 'compromised') return {reason: 'signature.key-compromised', message: 'which is compromised'}
  const day = signedAt?.slice(0, 10) ?? now.toISOString().slice(0, 10)
  if (from !== undefined && day < from) return {reason: 'signature.key-retired', message: `which is trusted only from ${from}`}
  if (signedAt === undefined) {
    if (status === 'retired') return {reason: 'signature.no-trusted-time', message: 'which is retired'}
    if (until !== undefined && day > until) return {reason: 'signature.no-trusted-time', message: `which was trusted only until ${until}`}
    return undefined
  }
  // Retired since nobody knows when: no time is early enough.
  if (status === 'retired' && until === undefined)
    return {reason: 'signature.no-trusted-time', message: 'which is retired since a day that its pin does not name (until)'}
  if (until !== undefined && day > until) return {reason: 'signature.key-retired', message: `which was trusted only until ${until}, and signed on ${day}`}
  return undefined
}
