/**
 * Does an entry of a log name the certificate that stands in the bundle?
 *
 * The library compares signature and digest only; with another certificate for
 * the same key, an entry would count for somebody whom the log never saw.
 */
import {X509Certificate} from 'node:crypto'
import type {TransparencyLogEntry} from '@sigstore/bundle'
import {member, parseJson, textOf} from './bounded-json.ts'

/** By kind of entry (rekor, pkg/types; rekor-tiles, api/proto): where it names the signer. Arrays have one element. */
const PATHS: readonly (readonly string[])[] = [
  ['spec', 'signature', 'publicKey', 'content'],
  ['spec', 'signatures', '0', 'verifier'],
  ['spec', 'content', 'envelope', 'signatures', '0', 'publicKey'],
  ['spec', 'hashedRekordV002', 'signature', 'verifier', 'x509Certificate', 'rawBytes'],
  ['spec', 'dsseV002', 'signatures', '0', 'verifier', 'x509Certificate', 'rawBytes'],
]

/** @param entry whose body is proved to be in the log */
export function namesSigner({canonicalizedBody}: TransparencyLogEntry, certificate: Buffer): boolean {
  const body = parseJson(textOf(canonicalizedBody) ?? '')
  const named = PATHS.map((path) => path.reduce(member, body)).filter((text) => typeof text === 'string')
  return named.length === 1 && named.every((text) => derOf(Buffer.from(text, 'base64'))?.equals(certificate) === true)
}

/** Of PEM or DER. */
function derOf(bytes: Buffer): Buffer | undefined {
  try {
    return new X509Certificate(bytes).raw
  } catch {
    return undefined
  }
}
