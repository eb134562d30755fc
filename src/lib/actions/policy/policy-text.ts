/**
 * The text of a policy as blobs: the canonical JSON that its digest is over, and the keys and files that this names.
 *
 * A verdict names its policy by a digest. When configuration and key files are gone, these bytes still say what the
 * verdict stood on, and verify the signatures again.
 */
import canonicalize from 'canonicalize'
import {POLICY_TYPE} from '../../evidence/policy-type.ts'
import type {Policy} from '../../policy/model.ts'
import type {BlobInput} from '../../ports/evidence-store.ts'
import type {TrustedKey} from '../../ports/signatures.ts'

/** The canonical (RFC 8785) JSON of `value`: its SHA-256 is the digest of the policy. */
export function policyText(value: unknown, name = 'policy.json'): BlobInput {
  return {name, mediaType: POLICY_TYPE, bytes: Buffer.from(canonicalize(value) ?? ''), exact: true}
}

/** A public key by the beginning of its digest. */
export function keyText({spki, pem}: TrustedKey): BlobInput {
  return {name: `key-${spki.slice(0, 16)}.pem`, mediaType: 'application/x-pem-file', bytes: Buffer.from(pem), exact: true}
}

/** A file that a policy names by digest. */
export function namedText(name: string, bytes: Uint8Array): BlobInput {
  return {name, mediaType: POLICY_TYPE, bytes, exact: true}
}

/** Every key whose word counts under the policy, each once. */
export function keyTexts({keys, approvals, promotion}: Pick<Policy, 'keys' | 'approvals' | 'promotion'>): BlobInput[] {
  const approvers = (approvals?.by ?? []).flatMap((approver) => ('key' in approver ? [approver.key] : []))
  return distinctTexts([...keys, ...approvers, ...(promotion === undefined ? [] : [promotion])].map((key) => keyText(key)))
}

/** Of blobs of one record no two have the same name. */
export function distinctTexts(texts: readonly BlobInput[]): BlobInput[] {
  return [...new Map(texts.map((text) => [text.name, text])).values()]
}
