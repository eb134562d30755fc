/** Bytes under a signature, or only their digest: hashed and verified where they lie. */
import {createHash, createVerify, verify, type KeyObject} from 'node:crypto'
import {p256} from '@noble/curves/nist.js'

export type SignedBytes = {readonly parts: readonly Uint8Array[]} | {readonly digest: Buffer}

/** By curve: the hash that goes with it (sigstore/architecture-docs, algorithm-registry.md). */
const CURVE_HASHES: Readonly<Record<string, string>> = {prime256v1: 'sha256', secp384r1: 'sha384', secp521r1: 'sha512'}

/** False for every kind of key that cannot have made `signature`; never throws. */
export function verifies(signed: SignedBytes, key: KeyObject, signature: Uint8Array): boolean {
  try {
    if ('digest' in signed) return verifiesDigest(signed.digest, key, signature)
    if (key.asymmetricKeyType === 'ed25519') return verify(null, Buffer.concat(signed.parts), key, signature)
    const hash = key.asymmetricKeyType === 'ec' ? CURVE_HASHES[key.asymmetricKeyDetails?.namedCurve ?? ''] : 'sha256'
    if (hash === undefined) return false
    const verification = createVerify(hash)
    for (const part of signed.parts) verification.update(part)
    return verification.verify(key, signature)
  } catch {
    return false
  }
}

/** SHA-256 of what is signed. */
export function digestOf(signed: SignedBytes): Buffer {
  if ('digest' in signed) return signed.digest
  const hash = createHash('sha256')
  for (const part of signed.parts) hash.update(part)
  return hash.digest()
}

/** `node:crypto` always hashes itself. P-256 only; a high `s` is accepted, as Go and OpenSSL do. */
function verifiesDigest(digest: Buffer, key: KeyObject, signature: Uint8Array): boolean {
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return false
  const {x = '', y = ''} = key.export({format: 'jwk'})
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  return p256.verify(signature, digest, point, {prehash: false, format: 'der', lowS: false})
}
