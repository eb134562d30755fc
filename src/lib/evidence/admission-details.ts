/** What the records say that are about admission control itself. Frozen at the first release, as `details.ts`. */
import {z} from 'zod'
import {Code, Count, Name, OciDigest, PrincipalId, Sha256, Time, Ulid} from './primitives.ts'

const list = <T extends z.ZodType>(item: T, max = 200) => z.array(item).max(max)

/** `enforcement`: what a provider enforces from now on. Written at its start, and where the policy it judges by changes. */
export const EnforcementDetail = z.strictObject({
  cluster: Name,
  /** The replica: its name within the cluster. */
  replica: Name,
  policy: Sha256,
  /** Namespaces that the webhook does not ask about. */
  exempt: list(Name),
  /** Namespaces in which a refusal only warns, and the day on which it begins to refuse (UTC). */
  rollout: list(z.strictObject({namespaces: list(Name, 64), enforce_on: Time}), 64),
  /** Where an answer is durable before it is given. */
  log: z.enum(['volume', 'store']),
})

/** `canary`: a pod that has to be refused was offered to the cluster, in a dry run. */
export const CanaryDetail = z.strictObject({
  cluster: Name,
  namespace: Name,
  /** `refused` is right; `admitted`: the cluster enforces nothing; `unknown`: it could not be asked. */
  answer: z.enum(['refused', 'admitted', 'unknown']),
  /** Of the last one that was refused before; absent where none is known. */
  last_refused: Time.optional(),
  reason: Code.optional(),
})

/** `break-glass`: an exemption, or that the provider was taken out of the way; its use, and its review. */
export const BreakGlassDetail = z.strictObject({
  action: z.enum(['open', 'use', 'review']),
  kind: z.enum(['exemption', 'provider-down']),
  cluster: Name,
  /** Absent where the provider was out of the way: then it is about everything. */
  namespace: Name.optional(),
  digest: OciDigest.optional(),
  reason: Code,
  incident: Code,
  from: Time,
  expires: Time,
  /** SHA-256 of the signed statement; absent where there is none to sign. */
  statement: Sha256.optional(),
  /** The `open` record that this uses or reviews. */
  of: Ulid.optional(),
  /** The second person. */
  reviewer: PrincipalId.optional(),
})

/** `reconciliation`: what an independent source lists, against the evidence. */
export const ReconciliationDetail = z.strictObject({
  source: z.enum(['cluster', 'listing', 'audit-log']),
  cluster: Name,
  window: z.strictObject({from: Time, to: Time}),
  both: Count,
  only_source: Count,
  only_evidence: Count,
  /** The first of what is on one side only; all of it lies in the blob `differences.json`. */
  first: list(z.strictObject({side: z.enum(['source', 'evidence']), what: Name, reason: Code}), 64),
})
