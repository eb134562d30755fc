/**
 * Is the image signed: the right predicate type, by a trusted key, for this very digest and this repository?
 *
 * An attestation is never a signature. One good signature is enough: whoever
 * can push must not be able to spoil it by adding bad ones.
 */
import {REASONS, type ReasonCode} from '../../errors.ts'
import {SIGN_TYPE, subjectFor} from '../../evidence/statement.ts'
import {keyFault} from '../key-window.ts'
import type {Attached, Check, Observation, Policy} from '../model.ts'

/** When no signature is good, the most telling fault is shown: what is surely wrong before what is merely unreadable. */
const TELLING: readonly ReasonCode[] = [
  'signature.key-compromised', 'signature.invalid', 'signature.wrong-repository', 'signature.wrong-subject',
  'signature.no-trusted-time', 'signature.key-retired', 'signature.wrong-key', 'attestation.unreadable',
]

export function checkSignature(digest: string, observation: Observation, policy: Policy, now: Date): Check {
  const expected = policy.repository ?? observation.repository
  const faults: {reason: ReasonCode; message: string}[] = []
  for (const item of observation.attached.get(digest) ?? []) {
    const fault = signatureFault(item, digest, expected, policy, now)
    if (fault === undefined) return {name: 'signature', state: 'verified', message: `signed for ${expected} by ${describeKey(item)}`}
    if (fault !== 'other') faults.push(fault)
  }
  const worst = TELLING.map((reason) => faults.find((fault) => fault.reason === reason)).find((fault) => fault !== undefined)
  if (worst === undefined) return {name: 'signature', state: 'missing', reason: 'signature.missing', message: `no signature on ${digest}`}
  const state = REASONS[worst.reason].exit === 1 ? 'failed' : 'could-not-check'
  return {name: 'signature', state, reason: worst.reason, message: worst.message}
}

/** Undefined = a good signature; `other` = not a signature at all. */
function signatureFault(item: Attached, digest: string, expected: string, policy: Policy, now: Date): {reason: ReasonCode; message: string} | 'other' | undefined {
  if (item.state === 'failed') {
    // An unreadable bundle may have been the signature: it is not nothing.
    if (item.predicateType !== undefined && item.predicateType !== SIGN_TYPE) return 'other'
    return {reason: item.reason, message: item.message}
  }
  if (item.statement.predicateType !== SIGN_TYPE) return 'other'
  const key = policy.keys.find(({spki}) => spki === item.spki)
  if (key === undefined) return {reason: 'signature.wrong-key', message: 'signed by a key that is not trusted here'}
  const window = keyFault(key, now)
  if (window !== undefined) return {reason: window, message: `signed by key ${item.spki.slice(0, 12)}, which is ${key.status}`}
  const subject = subjectFor(item.statement, digest)
  if (subject === undefined) return {reason: 'signature.wrong-subject', message: 'the signature is about another digest'}
  const repository = subject.annotations?.['repository']
  if (repository !== expected) return {reason: 'signature.wrong-repository', message: `signed for ${String(repository)}, not for ${expected}`}
  return undefined
}

function describeKey(item: Attached): string {
  return item.state === 'verified' ? `key sha256:${item.spki.slice(0, 12)}…` : ''
}
