/**
 * Signs statements as Cosign does with a key file, in process: DSSE over P-256
 * in a Sigstore bundle v0.3.
 *
 * Promise: a bundle of `bundle()` verifies as one of Cosign's does, and every
 * option of it breaks exactly one thing. Keys are made anew for each run and
 * are worth nothing.
 */
import {createHash, generateKeyPairSync, sign, type KeyObject} from 'node:crypto'
import {PAYLOAD_TYPE, statementBytes, type StatementInput} from '../../src/lib/evidence/statement.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import type {TrustedKey} from '../../src/lib/ports/signatures.ts'

const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json'

export interface TestSigner extends TrustedKey {
  /** Bundle bytes over a statement, or over any payload. */
  bundle(statement: StatementInput | Uint8Array, damage?: Damage): Uint8Array
  /** Bundle bytes with a message signature, as `cosign sign-blob --bundle` makes them; `hint` as text. */
  messageBundle(message: Uint8Array, hint?: string): Uint8Array
  /** ECDSA over the SHA-256 of `bytes`, DER. */
  sign(bytes: Uint8Array): Buffer
}

export interface Damage {
  /** Signed under, and written as, another payload type. */
  readonly payloadType?: string
  /** SPKI digest (hex) that the hint claims. */
  readonly hint?: string
  /** Changed after signing. */
  readonly payload?: (payload: Buffer) => Buffer
  readonly signature?: (signature: Buffer) => Buffer
  /** How often the signature stands in the envelope. */
  readonly copies?: number
}

export function createSigner(): TestSigner {
  const {privateKey, publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
  const key = readPublicKey(publicKey.export({type: 'spki', format: 'pem'}).toString())
  if (key === undefined) throw new Error('a fresh key cannot be read')
  return {
    ...key,
    bundle: (statement, damage) => bundle(privateKey, key.spki, statement, damage),
    messageBundle: (message, hint = hintOf(key.spki)) => messageBundle(privateKey, hint, message),
    sign: (bytes) => sign('sha256', bytes, privateKey),
  }
}

function bundle(privateKey: KeyObject, spki: string, statement: StatementInput | Uint8Array, damage: Damage = {}): Uint8Array {
  const {payloadType = PAYLOAD_TYPE, hint = spki, payload: alter = same, signature: bend = same, copies = 1} = damage
  const payload = Buffer.from(statement instanceof Uint8Array ? statement : statementBytes(statement))
  const sig = bend(sign('sha256', preAuthEncoding(payloadType, payload), privateKey)).toString('base64')
  return Buffer.from(
    JSON.stringify({
      mediaType: BUNDLE_TYPE,
      verificationMaterial: {publicKey: {hint: hintOf(hint)}},
      dsseEnvelope: {payload: alter(payload).toString('base64'), payloadType, signatures: Array.from({length: copies}, () => ({sig}))},
    }),
  )
}

function messageBundle(privateKey: KeyObject, hint: string, message: Uint8Array): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      mediaType: BUNDLE_TYPE,
      verificationMaterial: {publicKey: {hint}},
      messageSignature: {
        messageDigest: {algorithm: 'SHA2_256', digest: createHash('sha256').update(message).digest('base64')},
        signature: sign('sha256', message, privateKey).toString('base64'),
      },
    }),
  )
}

function hintOf(spki: string): string {
  return Buffer.from(spki, 'hex').toString('base64')
}

/** DSSE v1, protocol.md: what is signed. */
export function preAuthEncoding(type: string, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.byteLength} `), payload])
}

function same(bytes: Buffer): Buffer {
  return bytes
}
