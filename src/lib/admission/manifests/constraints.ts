/**
 * The three constraints. All ask the same provider, and the first two the very same question, which is judged once: whether
 * a refusal keeps a pod out or only warns is decided by the policy (`admission.rollout`), not here.
 */
import {CONSTRAINT_KIND} from './constraint-template.ts'

export interface Constraint {
  readonly apiVersion: 'constraints.gatekeeper.sh/v1beta1'
  readonly kind: string
  readonly metadata: {readonly name: string}
  readonly spec: {
    readonly enforcementAction: 'deny' | 'warn'
    readonly match: {readonly kinds: readonly {readonly apiGroups: readonly string[]; readonly kinds: readonly string[]}[]}
    readonly parameters: {readonly provider: string; readonly on: 'deny' | 'warn' | 'advice'}
  }
}

const PODS = [{apiGroups: [''], kinds: ['Pod']}]
/** What makes pods: its own images are judged so that a person is told at once, and nothing is kept out. */
const MAKERS = [
  {apiGroups: ['apps'], kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']},
  {apiGroups: ['batch'], kinds: ['Job', 'CronJob']},
]

/** @param provider name of the Provider object */
export function constraints(provider: string): readonly Constraint[] {
  return [
    constraint('hipaa-ci-images', 'deny', PODS, {provider, on: 'deny'}),
    constraint('hipaa-ci-images-warn', 'warn', PODS, {provider, on: 'warn'}),
    constraint('hipaa-ci-images-advice', 'warn', MAKERS, {provider, on: 'advice'}),
  ]
}

function constraint(
  name: string,
  enforcementAction: Constraint['spec']['enforcementAction'],
  kinds: Constraint['spec']['match']['kinds'],
  parameters: Constraint['spec']['parameters'],
): Constraint {
  return {apiVersion: 'constraints.gatekeeper.sh/v1beta1', kind: CONSTRAINT_KIND, metadata: {name}, spec: {enforcementAction, match: {kinds}, parameters}}
}
