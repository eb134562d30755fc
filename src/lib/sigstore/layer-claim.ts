/** Reads the two forms of Cosign 2 into claims: a layer of the tag `.sig`, and a layer of the tag `.att`. */
import {createHash} from 'node:crypto'
import {decodeBase64} from './base64.ts'
import {readBoundedJson} from './bounded-json.ts'
import type {Claim} from './claim.ts'
import {annotatedMaterial, type Annotations} from './cosign-annotations.ts'
import {readEnvelope} from './envelope.ts'
import {isRefusal, refusal, type Refusal} from './refusal.ts'
import {isAbout} from './timestamps.ts'

const SIGNATURE = 'dev.cosignproject.cosign/signature'

/** @param payload simple signing: the layer, whose bytes are signed as they are */
export function simpleSigningClaim(payload: Uint8Array, annotations: Annotations): Claim | Refusal {
  const signature = decodeBase64(Buffer.from(annotations[SIGNATURE] ?? ''))
  if (signature === undefined || signature.byteLength === 0) return refusal('attestation.unreadable', `the annotation ${SIGNATURE} holds no signature`)
  const material = annotatedMaterial(annotations)
  if (isRefusal(material)) return material
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  return {
    ...material,
    signature,
    stamped: signature,
    signed: {parts: [bytes]},
    logged: () => createHash('sha256').update(bytes).digest(),
    content: {kind: 'simple-signing', payload: bytes},
  }
}

/**
 * A timestamp is about the signature, as in a bundle (Cosign 3), or about the whole layer (Cosign 2).
 * @param envelope DSSE, JSON: the layer
 */
export function envelopeClaim(envelope: Uint8Array, annotations: Annotations): Claim | Refusal {
  const read = readBoundedJson(envelope)
  if (read === undefined) return refusal('attestation.unreadable', 'not a DSSE envelope')
  const content = readEnvelope(read.json, read.decode)
  if (isRefusal(content)) return content
  const material = annotatedMaterial(annotations)
  if (isRefusal(material)) return material
  const layer = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength)
  return {...content, ...material, stamped: material.timestamps.every((response) => isAbout(response, layer)) ? layer : content.signature}
}
