/**
 * Reads a Sigstore bundle (protobuf-specs, sigstore_bundle.proto, v0.1 to v0.3).
 *
 * What the library's reading leaves open is refused here: more than one
 * signature, more than one kind of content or of signer, and more of anything
 * than honest bundles have.
 */
import {createHash} from 'node:crypto'
import {bundleFromJSON, type Bundle} from '@sigstore/bundle'
import {HashAlgorithm} from '@sigstore/protobuf-specs'
import {CUT_PAYLOAD} from '../intake/large-bundle.ts'
import type {FoundSignature} from '../ports/signatures.ts'
import {member, readBoundedJson} from './bounded-json.ts'
import {MAX_OF_A_KIND, type Claim, type ClaimedSigner} from './claim.ts'
import {readEnvelope} from './envelope.ts'
import {isRefusal, refusal, type Refusal} from './refusal.ts'

type MessageContent = Extract<Bundle['content'], {$case: 'messageSignature'}>
type Material = Bundle['verificationMaterial']
type FoundBundle = Extract<FoundSignature, {form: 'bundle'}>

const UNREADABLE = refusal('attestation.unreadable', 'not a Sigstore bundle')
const SIGNERS = ['publicKey', 'certificate', 'x509CertificateChain']
const CONTENTS = ['dsseEnvelope', 'messageSignature']
/** Characters. Each of its lines may cost a verification. */
const MAX_CHECKPOINT = 16 * 1024

/** @param artifact what a message signature is about: bytes, or `sha256:<hex>` */
export function bundleClaim({bytes, payload: cut}: FoundBundle, artifact: Uint8Array | string | undefined): Claim | Refusal {
  const read = readBoundedJson(bytes)
  if (read === undefined) return UNREADABLE
  const {json} = read
  const decode = (text: string) => (cut !== undefined && text === CUT_PAYLOAD ? Buffer.from(cut.buffer, cut.byteOffset, cut.byteLength) : read.decode(text))
  // Told apart before the library sees it: to it this is a bundle that cannot be read.
  const signatures = member(member(json, 'dsseEnvelope'), 'signatures')
  if (Array.isArray(signatures) && signatures.length !== 1) return refusal('signature.invalid', `${signatures.length} signatures in one envelope`)
  if (countOf(json, CONTENTS) !== 1 || countOf(member(json, 'verificationMaterial'), SIGNERS) !== 1) return UNREADABLE
  const bundle = readBundle(json)
  if (bundle === undefined || tooMuch(bundle.verificationMaterial)) return UNREADABLE
  const {content, verificationMaterial} = bundle
  const signed = content.$case === 'messageSignature' ? messageContent(content, artifact) : readEnvelope(member(json, 'dsseEnvelope'), decode)
  return isRefusal(signed) ? signed : {...signed, ...readMaterial(verificationMaterial), stamped: signed.signature}
}

function messageContent(
  {messageSignature}: MessageContent,
  artifact: Uint8Array | string | undefined,
): Pick<Claim, 'signature' | 'signed' | 'logged' | 'content'> | Refusal {
  const {messageDigest, signature} = messageSignature
  if (messageDigest.algorithm !== HashAlgorithm.SHA2_256) return refusal('attestation.unreadable', 'the bundle names its bytes by another digest than SHA-256')
  if (artifact === undefined) return refusal('attestation.unreadable', 'the bundle signs a blob, not a statement')
  const claimed = `sha256:${messageDigest.digest.toString('hex')}`
  const digest = typeof artifact === 'string' ? artifact : `sha256:${createHash('sha256').update(artifact).digest('hex')}`
  if (claimed !== digest) return refusal('signature.wrong-subject', `the signature is about ${claimed.slice(0, 80)}, not ${digest.slice(0, 80)}`)
  return {
    signature,
    signed: typeof artifact === 'string' ? {digest: messageDigest.digest} : {parts: [artifact]},
    logged: () => messageDigest.digest,
    content: {kind: 'message', digest},
  }
}

function readMaterial(material: Material): Pick<Claim, 'signer' | 'timestamps' | 'entries'> {
  return {
    signer: claimedSigner(material),
    timestamps: (material.timestampVerificationData?.rfc3161Timestamps ?? []).map(({signedTimestamp}) => signedTimestamp),
    entries: material.tlogEntries,
  }
}

function claimedSigner({content}: Material): ClaimedSigner {
  if (content.$case === 'publicKey') return {kind: 'key', hint: content.publicKey.hint}
  const certificate = content.$case === 'certificate' ? content.certificate : content.x509CertificateChain.certificates[0]
  return {kind: 'certificate', der: certificate?.rawBytes ?? Buffer.alloc(0)}
}

function tooMuch({tlogEntries, timestampVerificationData, content}: Material): boolean {
  const chain = content.$case === 'x509CertificateChain' ? content.x509CertificateChain.certificates : []
  const lists = [tlogEntries, timestampVerificationData?.rfc3161Timestamps ?? [], chain]
  return (
    lists.some((list) => list.length > MAX_OF_A_KIND) || tlogEntries.some((entry) => (entry.inclusionProof?.checkpoint?.envelope.length ?? 0) > MAX_CHECKPOINT)
  )
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
