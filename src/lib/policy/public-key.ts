/** A public key out of PEM text. P-256 only: other curves and RSA fail in one or the other of the verifiers in use. */
import {createHash, createPublicKey, type KeyObject} from 'node:crypto'
import type {TrustedKey} from '../ports/signatures.ts'

/** The key with the SHA-256 of its SubjectPublicKeyInfo; undefined where `pem` is no P-256 public key. */
export function readPublicKey(pem: string): TrustedKey | undefined {
  const key = parse(pem)
  if (key?.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return undefined
  const spki = createHash('sha256')
    .update(key.export({type: 'spki', format: 'der'}))
    .digest('hex')
  return {spki, pem: key.export({type: 'spki', format: 'pem'}).toString()}
}

function parse(pem: string): KeyObject | undefined {
  // createPublicKey also derives a public key from a private one: a private key must never pass for a pin.
  if (!pem.includes('-----BEGIN PUBLIC KEY-----')) return undefined
  try {
    return createPublicKey(pem)
  } catch {
    return undefined
  }
}
