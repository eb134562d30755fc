/**
 * A Sigstore bundle (v0.3) around a DSSE envelope, as JSON: made from a signature, and given a timestamp.
 *
 * The key is named by a hint, the base64 of its SPKI's SHA-256. The envelope's own `keyid` stays absent: Cosign takes a
 * keyid that it does not know for a wrong key.
 */
import {z} from 'zod'
import {PAYLOAD_TYPE} from './statement.ts'

export const BUNDLE_MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json'

export interface Signed {
  readonly payload: Uint8Array
  /** ASN.1 DER, over `preAuthEncoding(payload)`. */
  readonly signature: Uint8Array
  /** SHA-256 of the SubjectPublicKeyInfo, hex. */
  readonly spki: string
}

/** DSSE v1, protocol.md: the bytes that are signed. */
export function preAuthEncoding(payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.byteLength} `), payload])
}

export function bundleBytes({payload, signature, spki}: Signed): Uint8Array {
  return toBytes({
    mediaType: BUNDLE_MEDIA_TYPE,
    verificationMaterial: {publicKey: {hint: Buffer.from(spki, 'hex').toString('base64')}},
    dsseEnvelope: {
      payload: Buffer.from(payload).toString('base64'),
      payloadType: PAYLOAD_TYPE,
      signatures: [{sig: Buffer.from(signature).toString('base64')}],
    },
  })
}

/** The parts of a bundle that a timestamp is about. */
const Stamped = z.looseObject({
  verificationMaterial: z.looseObject({timestampVerificationData: z.looseObject({rfc3161Timestamps: z.array(z.unknown()).nullish()}).nullish()}),
  dsseEnvelope: z.looseObject({signatures: z.tuple([z.looseObject({sig: z.string()})])}),
})

/** What an authority is shown. */
export function signatureBytes(bundle: Uint8Array): Uint8Array {
  return Buffer.from(parse(bundle).dsseEnvelope.signatures[0].sig, 'base64')
}

/** @param response TimeStampResp, DER (RFC 3161) */
export function withTimestamp(bundle: Uint8Array, response: Uint8Array): Uint8Array {
  const read = parse(bundle)
  const timestampVerificationData = {rfc3161Timestamps: [{signedTimestamp: Buffer.from(response).toString('base64')}]}
  return toBytes({...read, verificationMaterial: {...read.verificationMaterial, timestampVerificationData}})
}

export function isTimestamped(bundle: Uint8Array): boolean {
  return (parse(bundle).verificationMaterial.timestampVerificationData?.rfc3161Timestamps ?? []).length > 0
}

/** Of a bundle that was verified: its shape is known. */
function parse(bundle: Uint8Array): z.infer<typeof Stamped> {
  return Stamped.parse(JSON.parse(Buffer.from(bundle).toString('utf8')))
}

function toBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

const Enveloped = z.looseObject({dsseEnvelope: z.looseObject({payload: z.string()})})

/** What a bundle signs, whoever did; undefined where it is no bundle around an envelope. */
export function bundlePayload(bundle: Uint8Array): Uint8Array | undefined {
  try {
    const {dsseEnvelope} = Enveloped.parse(JSON.parse(Buffer.from(bundle).toString('utf8')))
    return Buffer.from(dsseEnvelope.payload, 'base64')
  } catch {
    return undefined
  }
}
