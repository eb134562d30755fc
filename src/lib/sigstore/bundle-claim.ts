/**
 * Reads a Sigstore bundle (protobuf-specs, sigstore_bundle.proto, v0.1 to v0.3).
 *
 * What the library's reading leaves open is refused here: a payload of another
 * type, more than one signature, more than one kind of content or of signer.
 */
import {createHash} from 'node:crypto'
import {bundleFromJSON, type Bundle} from '@sigstore/bundle'
import {HashAlgorithm} from '@sigstore/protobuf-specs'
import {PAYLOAD_TYPE} from '../evidence/statement.ts'
import {member, readBoundedJson, type BoundedJson} from './bounded-json.ts'
import {MAX_OF_A_KIND, preAuthEncoding, type Claim, type ClaimedContent, type ClaimedSigner} from './claim.ts'
import {refusal, type Refusal} from './refusal.ts'
import {withHint} from './signed-content.ts'

type Content<Case extends Bundle['content']['$case']> = Extract<Bundle['content'], {$case: Case}>
type Material = Bundle['verificationMaterial']

const UNREADABLE = refusal('attestation.unreadable', 'not a Sigstore bundle')
const SIGNERS = ['publicKey', 'certificate', 'x509CertificateChain']
const CONTENTS = ['dsseEnvelope', 'messageSignature']

/** @param artifact what a message signature is about: bytes, or `sha256:<hex>` */
export function bundleClaim(bytes: Uint8Array, artifact: Uint8Array | string | undefined): Claim | Refusal {
  const read = readBoundedJson(bytes)
  if (read === undefined) return UNREADABLE
  // Told apart before the library sees it: to it this is a bundle that cannot be read.
  const signatures = member(member(read.json, 'dsseEnvelope'), 'signatures')
  if (Array.isArray(signatures) && signatures.length !== 1) return refusal('signature.invalid', `${signatures.length} signatures in one envelope`)
  if (countOf(read.json, CONTENTS) !== 1 || countOf(member(read.json, 'verificationMaterial'), SIGNERS) !== 1) return UNREADABLE

  const payload = takePayload(read)
  const bundle = readBundle(read.json)
  if (bundle === undefined || tooMany(bundle.verificationMaterial)) return UNREADABLE
  if (bundle.content.$case === 'messageSignature') return messageClaim(bundle.content, bundle.verificationMaterial, artifact)
  return payload === undefined ? UNREADABLE : envelopeClaim(bundle.content, bundle.verificationMaterial, payload)
}

function envelopeClaim({dsseEnvelope}: Content<'dsseEnvelope'>, material: Material, payload: Buffer): Claim | Refusal {
  const [signature] = dsseEnvelope.signatures
  if (signature === undefined) return UNREADABLE
  const content: ClaimedContent = {kind: 'statement', payload}
  const {payloadType} = dsseEnvelope
  if (payloadType !== PAYLOAD_TYPE) return withHint(refusal('signature.invalid', `payload type is ${JSON.stringify(payloadType.slice(0, 100))}`), content)
  return {
    ...materialClaim(material, signature.sig),
    signed: preAuthEncoding(payload),
    logged: () => createHash('sha256').update(payload).digest(),
    content,
  }
}

function messageClaim({messageSignature}: Content<'messageSignature'>, material: Material, artifact: Uint8Array | string | undefined): Claim | Refusal {
  const {messageDigest, signature} = messageSignature
  if (messageDigest.algorithm !== HashAlgorithm.SHA2_256) return refusal('attestation.unreadable', 'the bundle names its bytes by another digest than SHA-256')
  if (artifact === undefined) return refusal('attestation.unreadable', 'the bundle signs a blob, not a statement')
  const claimed = `sha256:${messageDigest.digest.toString('hex')}`
  const digest = typeof artifact === 'string' ? artifact : `sha256:${createHash('sha256').update(artifact).digest('hex')}`
  if (claimed !== digest) return refusal('signature.wrong-subject', `the signature is about ${claimed.slice(0, 80)}, not ${digest.slice(0, 80)}`)
  return {
    ...materialClaim(material, signature),
    signed: typeof artifact === 'string' ? {digest: messageDigest.digest} : {parts: [artifact]},
    logged: () => messageDigest.digest,
    content: {kind: 'message', digest},
  }
}

function materialClaim(material: Material, signature: Buffer): Omit<Claim, 'signed' | 'logged' | 'content'> {
  return {
    signer: claimedSigner(material),
    signature,
    timestamps: (material.timestampVerificationData?.rfc3161Timestamps ?? []).map(({signedTimestamp}) => signedTimestamp),
    stamped: signature,
    entries: material.tlogEntries,
  }
}

function claimedSigner({content}: Material): ClaimedSigner {
  if (content.$case === 'publicKey') return {kind: 'key', hint: content.publicKey.hint}
  const certificate = content.$case === 'certificate' ? content.certificate : content.x509CertificateChain.certificates[0]
  return {kind: 'certificate', der: certificate?.rawBytes ?? Buffer.alloc(0)}
}

/** Decodes the payload of the envelope, and leaves a byte in its place for the library to find. */
function takePayload({json, decode}: BoundedJson): Buffer | undefined {
  const envelope = member(json, 'dsseEnvelope')
  const text = member(envelope, 'payload')
  if (typeof envelope !== 'object' || envelope === null || typeof text !== 'string' || text === '') return undefined
  Object.assign(envelope, {payload: 'AA=='})
  return decode(text)
}

function tooMany({tlogEntries, timestampVerificationData, content}: Material): boolean {
  const chain = content.$case === 'x509CertificateChain' ? content.x509CertificateChain.certificates : []
  return [tlogEntries, timestampVerificationData?.rfc3161Timestamps ?? [], chain].some((list) => list.length > MAX_OF_A_KIND)
}

function countOf(json: unknown, names: readonly string[]): number {
  return names.filter((name) => (member(json, name) ?? null) !== null).length
}

function readBundle(json: unknown): Bundle | undefined {
  try {
    return bundleFromJSON(json)
  } catch {
    return undefined
  }
}
