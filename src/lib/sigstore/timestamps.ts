/**
 * When a signature was certainly there: RFC 3161 timestamps by authorities that are pinned.
 *
 * A timestamp that does not verify gives no time, and is no fault: whoever can
 * attach can add or drop one. Of several, the earliest counts. Each proves that
 * the signature existed by then, so the earliest says all that is known; a later
 * one can be had at any time, and would make an old signature look like a new one.
 */
import {createPublicKey, X509Certificate as NodeCertificate} from 'node:crypto'
import {RFC3161Timestamp, X509Certificate} from '@sigstore/core'
import {Verifier, type SignedEntity, type TrustMaterial} from '@sigstore/verify'
import type {TimestampAuthority} from '../ports/signatures.ts'
import {MAX_DER_BYTES} from './claim.ts'

type Authorities = TrustMaterial['timestampAuthorities']

/** RFC 3161, PKIStatus: granted, also with modifications. */
const GRANTED = [0n, 1n]

/** The times of those that verify; the others give none. */
export function verifiedTimes(responses: readonly Buffer[], about: Buffer, authorities: Authorities): readonly Date[] {
  return responses.flatMap((response) => {
    const timestamp = readTimestamp(response)
    return timestamp !== undefined && verifies(timestamp, about, authorities) ? [timestamp.signingTime] : []
  })
}

/** Undefined where `response` is no granted timestamp. Nothing of it is verified. */
export function readTimestamp(response: Buffer): RFC3161Timestamp | undefined {
  if (response.byteLength > MAX_DER_BYTES) return undefined
  try {
    const timestamp = RFC3161Timestamp.parse(Buffer.from(response))
    return GRANTED.includes(timestamp.status) ? timestamp : undefined
  } catch {
    return undefined
  }
}

/** Does it say that it is about `bytes`? Nothing of it is verified. */
export function isAbout(response: Buffer, bytes: Buffer): boolean {
  try {
    const timestamp = readTimestamp(response)
    timestamp?.tstInfo.verify(bytes)
    return timestamp !== undefined
  } catch {
    return false
  }
}

/** UTC with milliseconds; undefined of no times. */
export function earliest(times: readonly Date[]): string | undefined {
  const [first] = times.filter((time) => Number.isFinite(time.getTime())).toSorted((a, b) => a.getTime() - b.getTime())
  return first?.toISOString()
}

/** Those that can be read: a chain that cannot be gives no time. */
export function pinnedAuthorities(pinned: readonly TimestampAuthority[] = []): Authorities {
  return pinned.flatMap(({chain, from, until}) => {
    try {
      const certificates = chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
      const certChain = certificates.map((pem) => X509Certificate.parse(Buffer.from(new NodeCertificate(pem).raw)))
      return [{certChain, validFor: {start: new Date(`${from ?? '0000-01-01'}T00:00:00.000Z`), end: new Date(`${until ?? '9999-12-31'}T23:59:59.999Z`)}}]
    } catch {
      return []
    }
  })
}

/** Asks the library about one timestamp alone: with others, or with a signature to verify, one fault would be everybody's. */
function verifies(timestamp: RFC3161Timestamp, about: Buffer, authorities: Authorities): boolean {
  const [leaf] = authorities.flatMap(({certChain}) => certChain.slice(0, 1))
  if (leaf === undefined) return false
  try {
    const publicKey = createPublicKey({key: leaf.publicKey, format: 'der', type: 'spki'})
    const material: TrustMaterial = {
      certificateAuthorities: [],
      timestampAuthorities: authorities,
      tlogs: [],
      ctlogs: [],
      publicKey: () => ({publicKey, validFor: () => true}),
    }
    new Verifier(material, {tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 1}).verify(timestampOnly(timestamp, about))
    return true
  } catch {
    return false
  }
}

function timestampOnly(timestamp: RFC3161Timestamp, about: Buffer): SignedEntity {
  return {
    signature: {signature: about, compareSignature: () => false, compareDigest: () => false, compareSignedDigest: () => false, verifySignature: () => true},
    key: {$case: 'public-key', hint: ''},
    timestamps: [{$case: 'timestamp-authority', timestamp}],
    tlogEntries: [],
  }
}
