/**
 * Holds a claim with a certificate against trusted identities (keyless signing).
 *
 * The certificate has to come from an authority of the trusted root, to have
 * been in force at a proven time, and to stand in every log that the root
 * knows: of certificates, and of signatures. Only then does its name count, and
 * only together with the issuer who vouched for it.
 */
import {X509Certificate as NodeCertificate, type KeyObject} from 'node:crypto'
import {X509Certificate, type RFC3161Timestamp} from '@sigstore/core'
import {VerificationError, Verifier, type SignedEntity} from '@sigstore/verify'
import type {Trust} from '../ports/signatures.ts'
import {certificateIdentity} from './certificate-identity.ts'
import {MAX_DER_BYTES, type Claim} from './claim.ts'
import {namesSigner} from './logged-signer.ts'
import type {Verified} from './pinned-key.ts'
import {refusal, wordsOf, type Refusal} from './refusal.ts'
import {digestOf, verifies} from './signed-bytes.ts'
import {earliest, pinnedAuthorities, readTimestamp} from './timestamps.ts'
import {readTrustedRoot, type ReadRoot} from './trusted-root.ts'

const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'

/** @param der the certificate that the claim brings */
export function verifyByIdentity(claim: Claim, der: Buffer, trust: Trust): Verified | Refusal {
  const {identities = [], trustedRoot} = trust
  if (identities.length === 0) return refusal('signature.wrong-key', 'signed by a certificate, not by a pinned key')
  if (trustedRoot === undefined) return refusal('signature.wrong-identity', 'signed by a certificate, and no `trusted-root` says which authorities count')
  const root = readTrustedRoot(trustedRoot)
  if (root === undefined) return refusal('signature.wrong-identity', 'signed by a certificate, and `trusted-root` cannot be read as a Sigstore trusted root')
  const read = readCertificate(der)
  if (read === undefined) return refusal('signature.invalid', 'the certificate is none that is made for signing')

  const {certificate, key} = read
  if (!verifies(claim.signed, key, claim.signature)) return refusal('signature.invalid', 'the signature does not match what it signs')

  const authorities = [...root.material.timestampAuthorities, ...pinnedAuthorities(trust.timestampAuthorities)]
  // What nobody is there to vouch for can neither be trusted nor minded; all else has to verify.
  const entries = root.demands.tlogThreshold > 0 ? claim.entries : []
  const timestamps = authorities.length > 0 ? claim.timestamps.map(readTimestamp) : []
  if (!timestamps.every((timestamp) => timestamp !== undefined)) return refusal('signature.invalid', 'a timestamp cannot be read')
  const entity = toEntity({...claim, entries}, certificate, timestamps)
  const fault = verificationFault(entity, {...root, material: {...root.material, timestampAuthorities: authorities}})
  if (fault !== undefined) return refusal('signature.invalid', fault)
  if (!entries.every((entry) => namesSigner(entry, der))) return refusal('signature.invalid', 'the log names another certificate for this signature')

  const named = certificateIdentity(certificate)
  if (named === undefined) return refusal('signature.wrong-identity', 'the certificate does not name one URI or e-mail address, and its issuer')
  const {identity, issuer} = named
  if (!identities.some((trusted) => trusted.identity === identity && trusted.issuer === issuer))
    return refusal('signature.wrong-identity', `signed by ${wordsOf(identity)}, vouched for by ${wordsOf(issuer)}, who is not trusted here`)
  const promised = entries.filter(({inclusionPromise}) => inclusionPromise !== undefined).map(({integratedTime}) => new Date(Number(integratedTime) * 1000))
  const signedAt = earliest([...timestamps.map(({signingTime}) => signingTime), ...promised])
  return {signer: {issuer, identity}, ...(signedAt !== undefined && {signedAt})}
}

/** The fault in words, for the end of a sentence; undefined where everything verifies. */
function verificationFault(entity: SignedEntity, {material, demands}: ReadRoot): string | undefined {
  try {
    new Verifier(material, {...demands, timestampThreshold: 1}).verify(entity)
    return undefined
  } catch (error) {
    return `the certificate or its signature does not verify: ${error instanceof VerificationError ? wordsOf(error) : 'a part of it is malformed'}`
  }
}

function toEntity(claim: Claim, certificate: X509Certificate, timestamps: readonly RFC3161Timestamp[]): SignedEntity {
  const {signed, signature, stamped, logged, entries} = claim
  return {
    signature: {
      // The library reads this for timestamps only, and asks about the signature itself below.
      signature: stamped,
      compareSignature: (other) => signature.equals(other),
      compareDigest: (other) => logged().equals(other),
      compareSignedDigest: (other) => digestOf(signed).equals(other),
      verifySignature: (key) => verifies(signed, key, signature),
    },
    key: {$case: 'certificate', certificate},
    timestamps: [
      ...timestamps.map((timestamp) => ({$case: 'timestamp-authority' as const, timestamp})),
      ...entries.filter(({integratedTime}) => integratedTime !== '0').map((tlogEntry) => ({$case: 'transparency-log' as const, tlogEntry})),
    ],
    tlogEntries: [...entries],
  }
}

/** Undefined where the certificate is an authority's, or for something else than signing. */
function readCertificate(der: Buffer): {certificate: X509Certificate; key: KeyObject} | undefined {
  if (der.byteLength > MAX_DER_BYTES) return undefined
  try {
    const {ca, keyUsage, publicKey: key} = new NodeCertificate(der)
    // Node's `keyUsage` is the extended one (RFC 5280, 4.2.1.12).
    return ca || !keyUsage?.includes(CODE_SIGNING) ? undefined : {certificate: X509Certificate.parse(Buffer.from(der)), key}
  } catch {
    return undefined
  }
}
