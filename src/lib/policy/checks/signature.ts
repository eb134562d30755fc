/**
 * Is the image signed: the right predicate type, by a trusted key, for this very digest and this repository?
 *
 * An attestation is never a signature. One good signature is enough: whoever
 * can push must not be able to spoil it by adding bad ones.
 */
import {REASONS, type ReasonCode} from '../../errors.ts'
import type {SignerId} from '../../evidence/details.ts'
import {SIGN_TYPE, subjectFor} from '../../evidence/statement.ts'
import {signerFault, type Signers} from '../key-window.ts'
import type {Attached, Check, Observation, Policy} from '../model.ts'
import {signerText} from '../signer-text.ts'

/** When no signature is good, the most telling fault is shown: what is surely wrong before what is merely unreadable. */
const TELLING: readonly ReasonCode[] = [
  'signature.key-compromised',
  'signature.invalid',
  'signature.wrong-repository',
  'signature.wrong-subject',
  'signature.no-trusted-time',
  'signature.key-retired',
  'signature.wrong-key',
  'signature.wrong-identity',
  'attestation.invalid',
]

/** One signature that was looked at. */
export interface TriedSignature {
  /** Undefined where nobody that we know signed. */
  readonly signer?: SignerId
  readonly state: 'verified' | 'failed' | 'could-not-check'
  readonly reason?: ReasonCode
  readonly message: string
}

export function checkSignature(observation: Observation, policy: Policy, now: Date): Check {
  const tried = triedSignatures(observation, policy, now)
  const good = tried.find(({state}) => state === 'verified')
  if (good !== undefined) return {name: 'signature', state: 'verified', message: good.message}
  const [worst] = tried.toSorted((a, b) => rank(a) - rank(b))
  const {state, reason = 'signature.missing', message} = worst ?? {state: 'missing', message: `no signature on ${observation.digest}`}
  const fix = promotionFix(reason, observation, policy)
  return {name: 'signature', state, reason, message, ...(fix !== undefined && {fix})}
}

/** Every signature on the image, and everything that may have been one, each judged alone. */
export function triedSignatures(observation: Observation, policy: Policy, now: Date): TriedSignature[] {
  return (observation.attached.get(observation.digest) ?? []).filter(maybeSignature).map((item) => {
    const signer = item.state === 'verified' ? {signer: item.signer} : {}
    const fault = signatureFault(item, observation, policy, now)
    if (fault !== undefined) return {...signer, state: REASONS[fault.reason].exit === 1 ? 'failed' : 'could-not-check', ...fault}
    return {...signer, state: 'verified', message: goodText(item, observation)}
  })
}

/** Those that alone would do. */
export function goodSignatures(observation: Observation, policy: Policy, now: Date): Extract<Attached, {state: 'verified'}>[] {
  return (observation.attached.get(observation.digest) ?? []).filter(
    (item): item is Extract<Attached, {state: 'verified'}> =>
      item.state === 'verified' && maybeSignature(item) && signatureFault(item, observation, policy, now) === undefined,
  )
}

/** A bundle that cannot be read may have been the signature: it is not nothing. */
function maybeSignature(item: Attached): boolean {
  const type = item.state === 'verified' ? item.statement.predicateType : (item.predicateType ?? SIGN_TYPE)
  return type === SIGN_TYPE
}

interface Fault {
  readonly reason: ReasonCode
  readonly message: string
}

function signatureFault(item: Attached, {digest, repository}: Observation, policy: Policy, now: Date): Fault | undefined {
  if (item.state === 'failed') return {reason: item.reason, message: item.message}
  const signer = signerFault(item.signer, signersFor(repository, policy), {now, signedAt: item.signedAt})
  if (signer !== undefined) return {...signer, message: `signed by ${signerText(item.signer)}, ${signer.message}`}
  const subject = subjectFor(item.statement, digest)
  if (subject === undefined) return {reason: 'signature.wrong-subject', message: 'the signature is about another digest'}
  const signedFor = subject.annotations?.['repository']
  if (typeof signedFor !== 'string' && policy.unnamedRepository !== 'allowed')
    return {reason: 'signature.wrong-repository', message: 'the signature names no repository'}
  if (typeof signedFor === 'string' && signedFor !== repository)
    return {reason: 'signature.wrong-repository', message: `signed for ${signedFor}, not for ${repository}`}
  // A copy of the environment's image, signature and all, is not in the environment's repository.
  if (policy.repository !== undefined && policy.repository !== repository)
    return {reason: 'signature.wrong-repository', message: `signed for ${repository}, but the images of ${policy.name} are in ${policy.repository}`}
  return undefined
}

function rank({reason}: TriedSignature): number {
  const at = TELLING.findIndex((code) => code === reason)
  return at === -1 ? TELLING.length : at
}

/** Where images are promoted to, only the promotion key signs: else whoever may sign a build could go round it. */
function signersFor(repository: string, policy: Policy): Signers {
  const {promotion} = policy
  return promotion !== undefined && repository === policy.repository ? {keys: [{...promotion, status: 'active'}]} : policy
}

/** What a plain copy shows where images are promoted to. */
const COPIED: readonly ReasonCode[] = ['signature.missing', 'signature.wrong-repository', 'signature.wrong-key', 'signature.wrong-identity']

/** What an environment promotes to itself is neither signed by hand nor copied. */
function promotionFix(reason: ReasonCode, {repository, digest}: Observation, {name, promotion, repository: own}: Policy): string | undefined {
  if (promotion === undefined || own === undefined) return undefined
  if (own !== repository) return reason === 'signature.wrong-repository' ? `hipaa-ci promote <image> --to ${name}` : undefined
  return COPIED.includes(reason) ? `From the repository that it was built in: hipaa-ci promote HOST/REPO@${digest} --to ${name}` : undefined
}

function goodText(item: Attached, {repository}: Observation): string {
  if (item.state === 'failed') return ''
  return `signed for ${repository} by ${signerText(item.signer)}${item.signedAt === undefined ? '' : ` at ${item.signedAt.slice(0, 19)}Z`}`
}
