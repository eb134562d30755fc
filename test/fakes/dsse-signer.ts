/**
 * Signs statements as Cosign does with a key file, in process: DSSE over P-256
 * in a Sigstore bundle v0.3.
 *
 * Promise: a bundle of `bundle()` verifies as one of Cosign's does, and every
 * option of it breaks exactly one thing. Keys are made anew for each run and
 * are worth nothing.
 */
import {generateKeyPairSync, sign, type KeyObject} from 'node:crypto'
import {PAYLOAD_TYPE, statementBytes, type StatementInput} from '../../src/lib/evidence/statement.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import type {TrustedKey} from '../../src/lib/ports/signatures.ts'

export interface TestSigner extends TrustedKey {
  /** Bundle bytes over a statement, or over any payload. */
  bundle(statement: StatementInput | Uint8Array, damage?: Damage): Uint8Array
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
  return {...key, bundle: (statement, damage) => bundle(privateKey, key.spki, statement, damage)}
}

function bundle(privateKey: KeyObject, spki: string, statement: StatementInput | Uint8Array, damage: Damage = {}): Uint8Array {
  const {payloadType = PAYLOAD_TYPE, hint = spki, payload: alter = same, signature: bend = same, copies = 1} = damage
  const payload = Buffer.from(statement instanceof Uint8Array ? statement : statementBytes(statement))
  const sig = bend(sign('sha256', preAuthEncoding(payloadType, payload), privateKey)).toString('base64')
  return Buffer.from(
    JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {publicKey: {hint: Buffer.from(hint, 'hex').toString('base64')}},
      dsseEnvelope: {payload: alter(payload).toString('base64'), payloadType, signatures: Array.from({length: copies}, () => ({sig}))},
    }),
  )
}

/** DSSE v1, protocol.md: what is signed. */
function preAuthEncoding(type: string, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.byteLength} `), payload])
}

function same(bytes: Buffer): Buffer {
  return bytes
}
