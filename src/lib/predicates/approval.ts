/**
 * A person's word that an image may go somewhere, signed with their own key or
 * under their own identity. Documented in docs/predicates/approval.md.
 */
import {z} from 'zod'
import {Code} from '../evidence/primitives.ts'

/** Closed: an approval with a condition that is not understood is none. */
export const ApprovalPredicate = z.strictObject({
  /** The environment that the image may go to, by its name in the policy. */
  environment: z.string().min(1).max(128),
  /** Where the image lay when it was approved: `host/path`. */
  repository: z.string().min(1).max(256),
  approvedOn: z.iso.datetime({offset: true}),
  ticket: Code.optional(),
})
export type ApprovalPredicate = z.infer<typeof ApprovalPredicate>
