/**
 * Holds a claim against pinned keys. A bare key is all that may stand in it:
 * entries of logs are neither trusted nor minded.
 */
import {createPublicKey, type KeyObject} from 'node:crypto'
import type {SignerId} from '../evidence/details.ts'
import type {Trust, TrustedKey} from '../ports/signatures.ts'
import type {Claim} from './claim.ts'
import {refusal, type Refusal} from './refusal.ts'
import {verifies} from './signed-bytes.ts'
import {earliest, pinnedAuthorities, verifiedTimes} from './timestamps.ts'

export interface Verified {
  readonly signer: SignerId
  /** UTC with milliseconds. */
  readonly signedAt?: string
}

/** @param hint as the claim gives it: a false one is refused, without one every key is tried */
export function verifyByKey(claim: Claim, hint: string, trust: Trust): Verified | Refusal {
  const candidates = hint === '' ? trust.keys : trust.keys.filter(({spki}) => Buffer.from(spki, 'hex').toString('base64') === hint)
  if (candidates.length === 0) return refusal('signature.wrong-key', 'signed by a key that is not trusted here')
  const signer = candidates.find((key) => signedBy(claim, key))
  if (signer === undefined)
    return hint === ''
      ? refusal('signature.wrong-key', 'no key that is trusted here made this signature, or something was changed since')
      : refusal('signature.invalid', 'the signature does not match what it signs')
  // Most have none, and reading the authorities takes longer than all the rest.
  const times = claim.timestamps.length === 0 ? [] : verifiedTimes(claim.timestamps, claim.stamped, pinnedAuthorities(trust.timestampAuthorities))
  const signedAt = earliest(times)
  return {signer: {spki: signer.spki}, ...(signedAt !== undefined && {signedAt})}
}

function signedBy({signed, signature}: Claim, key: TrustedKey): boolean {
  try {
    return verifies(signed, keyObject(key), signature)
  } catch {
    return false
  }
}

/** Reading a key costs as much as verifying a signature, and one key verifies many. */
const read = new WeakMap<TrustedKey, KeyObject>()

/** @throws where the PEM is no public key */
function keyObject(key: TrustedKey): KeyObject {
  const known = read.get(key) ?? createPublicKey(key.pem)
  read.set(key, known)
  return known
}
