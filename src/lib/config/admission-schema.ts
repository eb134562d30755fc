/** The part of a policy that is about admission itself: where it does not look, where it only warns, and who may break the glass. */
import {z} from 'zod'
import {Day, SpkiPin} from './fields.ts'

/** No more than a record of what is enforced can hold; a namespace's name has 63 letters at most. */
const Namespaces = z.array(z.string().min(1).max(63)).min(1).max(64)

/** Until the day (UTC) a refusal in these namespaces only warns; from that day on it refuses. */
export const Rollout = z.strictObject({namespaces: Namespaces, 'enforce-on': Day})
export type Rollout = z.infer<typeof Rollout>

const PersonKey = z.strictObject({person: z.string().min(1), spki: SpkiPin, file: z.string().min(1)})

export const Admission = z.strictObject({
  /** The webhook does not ask about pods in these; each start of a provider says so in a record. Names, no patterns: that is what the webhook selects by. */
  exempt: z
    .array(
      z
        .string()
        .max(63)
        .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be the name of a namespace'),
    )
    .max(200)
    .default(['kube-system', 'gatekeeper-system', 'hipaa-ci']),
  rollout: z.array(Rollout).max(64).default([]),
  /** Whose signed exemptions count, and for how long at most. */
  'break-glass': z
    .strictObject({
      by: z.array(PersonKey).min(1),
      /** Who else may review it: their keys open nothing. */
      'reviewed-by': z.array(PersonKey).default([]),
      'max-hours': z.int().min(1).max(168).default(24),
    })
    .optional(),
})
export type Admission = z.infer<typeof Admission>
