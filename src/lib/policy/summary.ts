/** What a verification summary says beyond the verdict: the level of the build, and the bundles that were relied on. Pure. */
import {PROVENANCE_TYPE, subjectFor, VSA_TYPE, type Statement} from '../evidence/statement.ts'
import {ProvenancePredicate} from '../predicates/provenance.ts'
import type {VsaAttestation} from '../predicates/vsa.ts'
import {checkProvenance} from './checks/provenance.ts'
import {signerFault, type Signers} from './key-window.ts'
import type {Attached, Observation, Policy} from './model.ts'
import {attestations, newest} from './select.ts'

export interface Summary {
  readonly level: number
  readonly inputs: readonly VsaAttestation[]
}

export function summarize(observation: Observation, policy: Policy, now: Date): Summary {
  return {level: buildLevel(observation, policy, now), inputs: reliedOn(observation, policy, now)}
}

/** 0 where no provenance was asked for and verified; where the policy ranks no builder, or nobody verified it, 1 at most. */
function buildLevel(observation: Observation, policy: Policy, now: Date): number {
  if (checkProvenance(observation, policy, now).state !== 'verified') return 0
  const builders = policy.requires?.provenance?.builders ?? []
  const found = newest(attestations(PROVENANCE_TYPE, observation.digest, observation, policy, now), finishedOn)
  const levels = found.map(({statement, signer}) => {
    const id = ProvenancePredicate.safeParse(statement.predicate).data?.runDetails.builder.id ?? ''
    const ranked = builders
      .filter((builder) => builder.id === id && 'spki' in signer && builder.key === `sha256:${signer.spki}`)
      .map((builder) => builder.level)
    return ranked.length === 0 ? 1 : Math.min(id.endsWith('/unverified') ? 1 : 3, ...ranked)
  })
  return levels.length === 0 ? 0 : Math.min(...levels)
}

/** Each bundle once, whatever it is attached to. An older summary is no ground for a new one. */
function reliedOn(observation: Observation, policy: Policy, now: Date): VsaAttestation[] {
  const parts: readonly Signers[] = [policy, approversOf(policy), {keys: policy.promotion === undefined ? [] : [{...policy.promotion, status: 'active'}]}]
  const counts = (item: Extract<Attached, {state: 'verified'}>, digest: string) =>
    item.statement.predicateType !== VSA_TYPE &&
    subjectFor(item.statement, digest) !== undefined &&
    parts.some((signers) => signerFault(item.signer, signers, {now, signedAt: item.signedAt}) === undefined)
  const found = [...observation.attached].flatMap(([digest, items]) =>
    items.flatMap((item) =>
      item.state === 'verified' && counts(item, digest) ? [[item.bundle, {manifest: item.manifest, bundle: item.bundle}] as const] : [],
    ),
  )
  return [...new Map(found.toReversed()).values()].toReversed()
}

function approversOf({approvals}: Policy): Signers {
  const by = approvals?.by ?? []
  return {
    keys: by.flatMap((approver) => ('key' in approver ? [{...approver.key, status: 'active' as const}] : [])),
    identities: by.flatMap((approver) => ('identity' in approver ? [approver.identity] : [])),
  }
}

function finishedOn(statement: Statement): string | undefined {
  return ProvenancePredicate.safeParse(statement.predicate).data?.runDetails.metadata?.finishedOn
}
