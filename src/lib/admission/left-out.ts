/**
 * What a cluster really leaves out, against what the policy exempts. Pure.
 *
 * Left out is a namespace about which no refusal of ours can come: our webhook does not select it, or Gatekeeper's own
 * configuration or our constraint excludes it. What leaves out pods by something else than their namespace is told as
 * narrowed, as it is where a part is not there at all. Gatekeeper's ignore label keeps only its general webhook away, and
 * not ours; it is told all the same. It is how the cluster is now: what it was when a pod came, the audit log knows.
 */
import {matchesGlob} from '../policy/glob.ts'
import type {Installation, Selector} from './installation.ts'
import {IGNORE_LABEL} from './manifests/label-guard.ts'
import {CONSTRAINT, WEBHOOK} from './manifests/names.ts'
import {CONSTRAINT_KIND} from './manifests/constraint-template.ts'
import type {Difference} from './reconciled-difference.ts'
import type {NamespacesLeftOut} from './unverified-causes.ts'

export interface LeftOut extends NamespacesLeftOut {
  readonly differences: readonly Difference[]
}

/** @param exempt what the policy says, by the newest record of a provider; undefined where none ever reported */
export function leftOut(installation: Installation, exempt: readonly string[] | undefined, now: Date): LeftOut {
  const labels = new Map(installation.namespaces.map((one) => [one.name, one.labels]))
  const why = (name: string) => reasonsOut(installation, name, {...labels.get(name), 'kubernetes.io/metadata.name': name})
  const told = (reason: Difference['reason'], what: string, open: boolean, says: string): Difference => ({
    side: 'source',
    reason,
    what,
    open,
    time: now.toISOString(),
    says,
  })
  const declared = new Set(exempt)
  const places = installation.namespaces.flatMap(({name, labels: own}) => {
    const ways = why(name)
    const isDeclared = declared.has(name)
    return [
      ...(ways.length > 0 && !isDeclared ? [told('left-out', `namespaces/${name}`, true, `by ${ways.join(', ')}`)] : []),
      ...(ways.length === 0 && isDeclared ? [told('not-left-out', `namespaces/${name}`, false, 'the policy exempts it, and the cluster asks')] : []),
      ...(Object.hasOwn(own, IGNORE_LABEL) ? [told('ignore-labelled', `namespaces/${name}`, !isDeclared, IGNORE_LABEL)] : []),
    ]
  })
  const flags = installation.flags.map((flag) => told('may-be-labelled', 'deployments/gatekeeper', false, flag))
  return {
    has: (namespace) => why(namespace).length > 0,
    differences: [...narrowed(installation).map(([what, says]) => told('narrowed', what, true, says)), ...places, ...flags],
  }
}

function reasonsOut({webhook, constraint, excluded}: Installation, name: string, labels: Readonly<Record<string, string>>): string[] {
  const {match} = constraint ?? {}
  const named = (patterns: readonly string[]) => patterns.some((pattern) => matchesGlob(pattern, name))
  return [
    ...(webhook === undefined || !selects(webhook.namespaceSelector, labels) ? ["our webhook's namespaceSelector"] : []),
    ...(named(excluded) ? ["Gatekeeper's Config"] : []),
    ...(constraint === undefined || named(match?.excludedNamespaces ?? []) ? ["our constraint's excludedNamespaces"] : []),
    ...(match !== undefined && match.namespaces.length > 0 && !named(match.namespaces) ? ["our constraint's namespaces"] : []),
    ...(selects(match?.namespaceSelector, labels) ? [] : ["our constraint's namespaceSelector"]),
  ]
}

function narrowed({webhook, constraint}: Installation): (readonly [what: string, says: string])[] {
  const [entry, rule] = [`validatingwebhookconfigurations/${WEBHOOK}`, `${CONSTRAINT_KIND.toLowerCase()}/${CONSTRAINT}`]
  const own = ['kinds', 'excludedNamespaces', 'namespaces', 'namespaceSelector', 'labelSelector']
  const {match} = constraint ?? {}
  const found: readonly (readonly [isSo: boolean, what: string, says: string])[] = [
    [webhook === undefined, entry, 'there is no webhook of ours about pods'],
    [webhook !== undefined && webhook.failurePolicy !== 'Fail', entry, `failurePolicy is ${webhook?.failurePolicy ?? 'left out'}`],
    [!isEmpty(webhook?.objectSelector), entry, 'an objectSelector leaves out pods by their labels'],
    [(webhook?.matchConditions.length ?? 0) > 0, entry, `only where: ${webhook?.matchConditions.map(({name}) => name).join(', ')}`],
    [webhook !== undefined && !asksAboutPods(webhook.rules), entry, 'it does not ask about the creation and change of pods and their ephemeral containers'],
    [constraint === undefined, rule, 'there is no constraint of ours that refuses'],
    [constraint !== undefined && constraint.action !== 'deny', rule, `enforcementAction is ${constraint?.action}`],
    [!isEmpty(match?.labelSelector), rule, 'a labelSelector leaves out pods by their labels'],
    [Object.keys(match ?? {}).some((key) => !own.includes(key)), rule, `match: ${Object.keys(match ?? {}).join(', ')}`],
  ]
  return found.flatMap(([isSo, what, says]) => (isSo ? [[what, says] as const] : []))
}

function asksAboutPods(rules: NonNullable<Installation['webhook']>['rules']): boolean {
  const covers = (resource: string, operation: string) =>
    rules.some(
      ({apiGroups, operations, resources}) =>
        apiGroups.some((group) => group === '' || group === '*') &&
        operations.some((one) => one === operation || one === '*') &&
        resources.some((one) => one === resource || one === '*/*' || (resource.includes('/') ? one === 'pods/*' : one === '*')),
    )
  return ['pods', 'pods/ephemeralcontainers'].every((resource) => ['CREATE', 'UPDATE'].every((operation) => covers(resource, operation)))
}

function isEmpty(selector: Selector | null | undefined): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0
}

/** As Kubernetes does: one that is not there selects all, and `NotIn` also where the label is not there. */
function selects(selector: Selector | null | undefined, labels: Readonly<Record<string, string>>): boolean {
  if (selector === null || selector === undefined) return true
  return (
    Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value) &&
    selector.matchExpressions.every(({key, operator, values}) => {
      const value = Object.hasOwn(labels, key) ? labels[key] : undefined
      if (operator === 'Exists') return value !== undefined
      if (operator === 'DoesNotExist') return value === undefined
      const isOne = value !== undefined && values.includes(value)
      return operator === 'In' ? isOne : !isOne
    })
  )
}
