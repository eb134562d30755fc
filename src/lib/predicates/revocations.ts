/**
 * The list of revocations as a predicate (docs/predicates/revocations.md): all
 * that is revoked at one instant, in the order of the digests.
 */
import {z} from 'zod'
import {REVOCATION_REASONS} from '../evidence/details.ts'
import {OciDigest, Time, Ulid} from '../evidence/primitives.ts'

export const REVOCATIONS_TYPE = 'urn:hipaa-ci:revocations:1'
/** The one subject of the statement: the list by name, and the SHA-256 of its canonical JSON. */
export const REVOCATIONS_SUBJECT = 'revocations'

export const RevokedImage = z.strictObject({
  digest: OciDigest,
  reason: z.enum(REVOCATION_REASONS),
  /** From then on it counts. */
  since: Time,
  /** The evidence record that says so. */
  record: Ulid,
})
export type RevokedImage = z.infer<typeof RevokedImage>

export const RevocationsPredicate = z.strictObject({
  issuedAt: Time,
  revoked: z.array(RevokedImage).refine(inOrder, 'must be in the order of the digests, each once'),
})
export type RevocationsPredicate = z.infer<typeof RevocationsPredicate>

/** Digests are of one length and in lower case, so that text order is their order. */
export function revocationsPredicate(issuedAt: string, revoked: Iterable<RevokedImage>): RevocationsPredicate {
  return {issuedAt, revoked: [...revoked].toSorted((a, b) => (a.digest < b.digest ? -1 : 1))}
}

function inOrder(revoked: readonly {readonly digest: string}[]): boolean {
  return revoked.every(({digest}, at) => at === 0 || (revoked[at - 1]?.digest ?? '') < digest)
}
