/**
 * A person's word that one image may run in one namespace of one cluster for a while, although its policy refuses it.
 * Documented in docs/predicates/exemption.md.
 */
import {z} from 'zod'
import {Code, Time} from '../evidence/primitives.ts'

export const EXEMPTION_TYPE = 'urn:hipaa-ci:exemption:1'

/** Closed: an exemption with a condition that is not understood is none. */
export const ExemptionPredicate = z.strictObject({
  /** The cluster by its name; no pattern. */
  cluster: z.string().min(1).max(256),
  namespace: z
    .string()
    .max(63)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be the name of a namespace'),
  reason: Code,
  /** In somebody's list of incidents. */
  incident: Code,
  /** It counts from then on, and no longer at `expires`. */
  from: Time,
  expires: Time,
  /** Who breaks the glass, as `admission.break-glass.by` of the policy calls them. */
  person: z.string().min(1).max(256),
})
export type ExemptionPredicate = z.infer<typeof ExemptionPredicate>
