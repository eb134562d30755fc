/**
 * How pods are left out of Gatekeeper's general webhook: it sees them too, and would have each judged and recorded twice.
 *
 * Only what our own webhook asks about is left out, and only where it does: in an exempt namespace, for a subresource that
 * ours does not name, and where something is deleted the general one goes on. Ours leads to the same Gatekeeper, so that
 * every other constraint on pods goes on being judged, failed closed. What makes pods is a condition of its own, because
 * ours is failed open there: it is dropped where the general one is failed closed.
 *
 * It is Gatekeeper's object and not ours: hence a patch, and not one of the base, with which `kubectl delete -k` would
 * remove Gatekeeper's webhook.
 */
import {GATEKEEPER_WEBHOOK, WEBHOOK} from './names.ts'

interface MatchCondition {
  readonly name: string
  /** CEL; the webhook is asked only where it is true. */
  readonly expression: string
}

/** A file, and what is in it. */
export interface PatchFile {
  readonly name: string
  readonly value: object
}

export const GATEKEEPER_PATCH = 'gatekeeper/leave-out-pods.yaml'
export const GATEKEEPER_VALUES = 'gatekeeper/helm-values.yaml'
const NAMES = {pods: 'hipaa-ci-pods', workloads: 'hipaa-ci-workloads'}

/** For `kubectl patch --type=strategic`, and the same as values of Gatekeeper's chart, with what has it write its authority into ours. @param exempt namespaces that our webhook does not ask about */
export function gatekeeperPatch(exempt: readonly string[]): readonly PatchFile[] {
  const conditions = leaveOut(exempt)
  return [
    {name: GATEKEEPER_PATCH, value: {webhooks: [{name: GATEKEEPER_WEBHOOK.entry, matchConditions: conditions}]}},
    {name: GATEKEEPER_VALUES, value: {additionalValidatingWebhookConfigsToRotateCerts: [WEBHOOK], validatingWebhookMatchConditions: conditions}},
  ]
}

/** The conditions; the first is about pods. */
export function leaveOut(exempt: readonly string[]): readonly MatchCondition[] {
  const subresource = `(has(request.subResource) ? request.subResource : '')`
  const ours = [`request.operation in ['CREATE', 'UPDATE']`, `!(request.namespace in [${exempt.map((name) => `'${name}'`).join(', ')}])`]
  const not = (...parts: readonly string[]) => `!(${[...parts, ...ours].join(' && ')})`
  const kinds = [
    ['apps', ['deployments', 'statefulsets', 'daemonsets', 'replicasets']],
    ['batch', ['jobs', 'cronjobs']],
  ] as const
  const made = kinds.map(
    ([group, names]) => `(request.resource.group == '${group}' && request.resource.resource in [${names.map((name) => `'${name}'`).join(', ')}])`,
  )
  return [
    {
      name: NAMES.pods,
      expression: not(`request.resource.group == ''`, `request.resource.resource == 'pods'`, `${subresource} in ['', 'ephemeralcontainers']`),
    },
    {name: NAMES.workloads, expression: not(`(${made.join(' || ')})`, `${subresource} == ''`)},
  ]
}
