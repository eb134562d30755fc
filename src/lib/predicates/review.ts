/**
 * A person's word that they have looked at a broken glass, signed with their own key.
 * Documented in docs/predicates/break-glass-review.md.
 */
import {z} from 'zod'
import {Code, Time, Ulid} from '../evidence/primitives.ts'

export const REVIEW_TYPE = 'urn:hipaa-ci:break-glass-review:1'

/** Closed, as an exemption is. The subject of the statement is the record that was looked at, by the SHA-256 of its line. */
export const ReviewPredicate = z.strictObject({
  /** Id of the record that opened it. */
  record: Ulid,
  cluster: z.string().min(1).max(256),
  incident: Code,
  reviewedOn: Time,
  /** Who reviews, as `admission.break-glass` of the policy calls them. */
  person: z.string().min(1).max(256),
})
export type ReviewPredicate = z.infer<typeof ReviewPredicate>
