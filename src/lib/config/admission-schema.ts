/** The part of a policy that is about admission itself: where it does not look, where it only warns, and who may break the glass. */
import {z} from 'zod'
import {Day, SpkiPin} from './fields.ts'

const Namespaces = z.array(z.string().min(1)).min(1)

/** Until the day (UTC) a refusal in these namespaces only warns; from that day on it refuses. */
export const Rollout = z.strictObject({namespaces: Namespaces, 'enforce-on': Day})
export type Rollout = z.infer<typeof Rollout>

export const Admission = z.strictObject({
  /** The webhook does not ask about pods in these; each start of a provider says so in a record. Names, no patterns: that is what the webhook selects by. */
  exempt: z
    .array(z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be the name of a namespace'))
    .default(['kube-system', 'gatekeeper-system', 'hipaa-ci']),
  rollout: z.array(Rollout).default([]),
  /** Whose signed exemptions count, and for how long at most. */
  'break-glass': z
    .strictObject({
      by: z.array(z.strictObject({person: z.string().min(1), spki: SpkiPin, file: z.string().min(1)})).min(1),
      'max-hours': z.int().min(1).max(168).default(24),
    })
    .optional(),
})
export type Admission = z.infer<typeof Admission>
