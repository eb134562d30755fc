/**
 * Checks a Sigstore bundle (v0.3) against pinned keys: in process, offline.
 *
 * The library verifies the DSSE signature; what it leaves open is checked here:
 * payload type, exactly one signature, a key that is one of ours (a false hint
 * is refused), and nothing but a bare public key. What the statement *says* is
 * the policy's business.
 */
import {createPublicKey} from 'node:crypto'
import {bundleFromJSON, type Bundle} from '@sigstore/bundle'
import {TrustedRoot} from '@sigstore/protobuf-specs'
import {toSignedEntity, toTrustMaterial, Verifier} from '@sigstore/verify'
import type {ReasonCode} from '../errors.ts'
import {PAYLOAD_TYPE} from '../evidence/statement.ts'
import type {SignatureCheck, TrustedKey, VerifySignature} from '../ports/signatures.ts'

const NO_ROOT = {
  mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  tlogs: [],
  certificateAuthorities: [],
  ctlogs: [],
  timestampAuthorities: [],
}
/** No log and no timestamp authority takes part: the key alone is trusted. */
const KEY_ONLY = {tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0}

export const verifySignature: VerifySignature = (found, {keys}) => {
  if (found.form !== 'bundle') return failed('attestation.unreadable', 'not a Sigstore bundle')
  const {bytes} = found
  const json = parseJson(bytes)
  // Told apart before the library sees it: to it this is a bundle that cannot be read.
  const count = signatureCount(json)
  if (count !== undefined && count !== 1) return failed('signature.invalid', `${count} signatures in one envelope`)
  const bundle = readBundle(json)
  if (bundle === undefined) return failed('attestation.unreadable', 'not a Sigstore bundle')
  if (bundle.content.$case !== 'dsseEnvelope') return failed('attestation.unreadable', 'the bundle signs a blob, not a statement')

  const {payload, payloadType} = bundle.content.dsseEnvelope
  const predicateType = claimedPredicateType(payload)
  const refuse = (reason: ReasonCode, message: string): SignatureCheck => ({...failed(reason, message), ...(predicateType !== undefined && {predicateType})})
  if (payloadType !== PAYLOAD_TYPE) return refuse('signature.invalid', `payload type is ${payloadType}`)
  if (bundle.verificationMaterial.content.$case !== 'publicKey') return refuse('signature.wrong-key', 'signed by a certificate, not by a pinned key')

  const {hint} = bundle.verificationMaterial.content.publicKey
  const candidates = keys.map((key) => ({...key, hint: Buffer.from(key.spki, 'hex').toString('base64')}))
  const signer = candidates.find((key) => key.hint === hint)
  if (signer === undefined) return refuse('signature.wrong-key', 'signed by a key that is not trusted here')
  try {
    keyVerifier(signer).verify(toSignedEntity(keyOnly(bundle)))
  } catch (error) {
    return refuse('signature.invalid', error instanceof Error ? error.message : String(error))
  }
  const statement = parseJson(payload)
  if (statement === undefined) return refuse('attestation.invalid', 'the signed payload is not JSON')
  return {state: 'verified', signer: {spki: signer.spki}, content: {kind: 'statement', statement, payload}}
}

/** Without log entries and timestamps: with nobody to hold them against, they would only make a good signature look like a bad one. */
function keyOnly(bundle: Bundle): Bundle {
  return {...bundle, verificationMaterial: {...bundle.verificationMaterial, tlogEntries: [], timestampVerificationData: undefined}}
}

function keyVerifier(key: TrustedKey): Verifier {
  const publicKey = createPublicKey(key.pem)
  return new Verifier(
    toTrustMaterial(TrustedRoot.fromJSON(NO_ROOT), () => ({publicKey, validFor: () => true})),
    KEY_ONLY,
  )
}

function signatureCount(json: unknown): number | undefined {
  const signatures = member(member(json, 'dsseEnvelope'), 'signatures')
  return Array.isArray(signatures) ? signatures.length : undefined
}

function readBundle(json: unknown): Bundle | undefined {
  try {
    return bundleFromJSON(json)
  } catch {
    return undefined
  }
}

/** A hint for messages only: the payload is not yet trusted. */
function claimedPredicateType(payload: Uint8Array): string | undefined {
  const type = member(parseJson(payload), 'predicateType')
  return typeof type === 'string' ? type : undefined
}

function member(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null ? Object.getOwnPropertyDescriptor(json, name)?.value : undefined
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}

function failed(reason: ReasonCode, message: string): SignatureCheck & {state: 'failed'} {
  return {state: 'failed', reason, message}
}
