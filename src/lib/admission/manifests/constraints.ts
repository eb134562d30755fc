/**
 * The three constraints. All ask the same provider, and the first two the very same question, which is judged once: whether
 * a refusal keeps a pod out or only warns is decided by the policy (`admission.rollout`), not here.
 *
 * Exempt namespaces are left out here, too: Gatekeeper's general webhook does ask about them, and after a loss of all nodes
 * the cluster's own pods would wait for a provider that waits for them.
 */
import {CONSTRAINT_KIND} from './constraint-template.ts'
import {CONSTRAINT} from './names.ts'

export interface Constraint {
  readonly apiVersion: 'constraints.gatekeeper.sh/v1beta1'
  readonly kind: string
  readonly metadata: {readonly name: string}
  readonly spec: {
    readonly enforcementAction: 'deny' | 'warn'
    readonly match: Match
    readonly parameters: {readonly provider: string; readonly on: 'deny' | 'warn' | 'advice'}
  }
}

interface Match {
  readonly kinds: readonly {readonly apiGroups: readonly string[]; readonly kinds: readonly string[]}[]
  readonly excludedNamespaces?: readonly string[]
}

const PODS = [{apiGroups: [''], kinds: ['Pod']}]
/** What makes pods: its own images are judged so that a person is told at once, and nothing is kept out. */
const MAKERS = [
  {apiGroups: ['apps'], kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']},
  {apiGroups: ['batch'], kinds: ['Job', 'CronJob']},
]

/** @param provider name of the Provider object. @param exempt namespaces that are not asked about */
export function constraints(provider: string, exempt: readonly string[] = []): readonly Constraint[] {
  const all = [
    constraint(CONSTRAINT, 'deny', PODS, {provider, on: 'deny'}),
    constraint(`${CONSTRAINT}-warn`, 'warn', PODS, {provider, on: 'warn'}),
    constraint(`${CONSTRAINT}-advice`, 'warn', MAKERS, {provider, on: 'advice'}),
  ]
  if (exempt.length === 0) return all
  return all.map((one) => ({...one, spec: {...one.spec, match: {...one.spec.match, excludedNamespaces: [...exempt]}}}))
}

function constraint(
  name: string,
  enforcementAction: Constraint['spec']['enforcementAction'],
  kinds: Match['kinds'],
  parameters: Constraint['spec']['parameters'],
): Constraint {
  return {apiVersion: 'constraints.gatekeeper.sh/v1beta1', kind: CONSTRAINT_KIND, metadata: {name}, spec: {enforcementAction, match: {kinds}, parameters}}
}
