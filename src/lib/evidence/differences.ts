/**
 * The blob of a reconciliation: each difference, and who asked for what there is a record of. What questions read of it.
 *
 * Rules: an independent source chose many of its texts. What is not named here may be there as well.
 */
import {z} from 'zod'

export const DIFFERENCES_BLOB = 'differences.json'
export const DIFFERENCES_TYPE = 'application/vnd.hipaa-ci.differences+json'
/** Its members that name who acted: redaction leaves them, as it does in a record. */
export const ACTORS: ReadonlySet<string> = new Set(['user', 'arn', 'as'])

const Text = z.string().max(8_192)
const Instant = z.iso.datetime({offset: true})

const Difference = z.looseObject({
  side: z.enum(['source', 'evidence']),
  reason: Text,
  what: Text,
  open: z.boolean(),
  time: Instant,
  uid: Text.optional(),
  causes: z.array(Text).optional(),
  user: Text.optional(),
  arn: Text.optional(),
  verb: Text.optional(),
  says: Text.optional(),
})

const Person = z.looseObject({user: Text, arn: Text.optional(), verb: Text, what: Text, time: Instant, automation: z.boolean().optional()})

const Request = z.looseObject({
  user: Text,
  arn: Text.optional(),
  /** As whom the user acted. */
  as: Text.optional(),
  time: Instant,
  /** Behind a controller; with `automation` an account, and no person. */
  person: Person.optional(),
  /** Ids of the records that it was joined with. */
  records: z.array(Text),
})

export const DifferencesBlob = z.looseObject({differences: z.array(Difference), requests: z.array(Request).default([])})
export type DifferencesBlob = z.infer<typeof DifferencesBlob>
