/** What a verification summary says beyond the verdict: the level of the build, and the bundles that were relied on. Pure. */
import {subjectFor, VSA_TYPE} from '../evidence/statement.ts'
import type {VsaAttestation} from '../predicates/vsa.ts'
import {checkProvenance} from './checks/provenance.ts'
import {signerFault, type Signers} from './key-window.ts'
import type {Attached, Observation, Policy} from './model.ts'

export interface Summary {
  /** SLSA build level of the provenance; 0 where none was asked for and verified. */
  readonly level: number
  readonly inputs: readonly VsaAttestation[]
}

export function summarize(observation: Observation, policy: Policy, now: Date): Summary {
  return {level: checkProvenance(observation, policy, now).level ?? 0, inputs: reliedOn(observation, policy, now)}
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
