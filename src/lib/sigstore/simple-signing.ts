/** Reads what Cosign 2 signs of an image: simple signing (containers/image, docs/containers-signature.5.md) with Cosign's own type. */
import {isDigest, splitReference} from '../images/reference.ts'
import type {SignedContent} from '../ports/signatures.ts'
import {member, readBoundedJson} from './bounded-json.ts'
import {refusal, type Refusal} from './refusal.ts'

const TYPE = 'cosign container image signature'
const MAX_BYTES = 64 * 1024
/** Of a reference: repository, tag and digest. */
const MAX_REFERENCE = 512

export function readSimpleSigning(payload: Buffer): SignedContent | Refusal {
  const critical = payload.byteLength > MAX_BYTES ? undefined : member(readBoundedJson(payload)?.json, 'critical')
  const digest = member(member(critical, 'image'), 'docker-manifest-digest')
  const reference = member(member(critical, 'identity'), 'docker-reference') ?? ''
  if (member(critical, 'type') !== TYPE) return refusal('attestation.invalid', 'the signed payload is not an image signature of Cosign')
  if (typeof digest !== 'string' || !isDigest(digest)) return refusal('attestation.invalid', 'the signed payload names no manifest by its SHA-256')
  if (typeof reference !== 'string' || reference.length > MAX_REFERENCE)
    return refusal('attestation.invalid', 'the signed payload names its repository by something that is no reference')
  const repository = splitReference(reference).name
  return {kind: 'simple-signing', payload, digest, ...(repository !== '' && {repository})}
}
