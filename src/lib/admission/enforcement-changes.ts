/**
 * Who changed what keeps a cluster closed: webhooks, policies, templates, constraints, providers, Gatekeeper's configuration
 * and its resource types, Gatekeeper and the provider themselves; and the labels of namespaces.
 *
 * Rules: what Gatekeeper's own account does to them is its work, unless somebody acts in its name. A change is open, because
 * nothing in a log of this kind says that it was harmless; that something was made, or was denied, is told.
 */
import type {AuditEvent} from './audit-event.ts'
import type {Difference} from './reconciled-difference.ts'
import {GATEKEEPER_NAMESPACE, SERVER} from './manifests/names.ts'

const CHANGES: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])
const CONFIGURATION = 'config.gatekeeper.sh'
/** Groups in which everything counts. */
const GROUPS: ReadonlySet<string> = new Set([
  'templates.gatekeeper.sh',
  'constraints.gatekeeper.sh',
  'externaldata.gatekeeper.sh',
  CONFIGURATION,
  'expansion.gatekeeper.sh',
])
const WORKLOADS: ReadonlySet<string> = new Set(['deployments', 'statefulsets', 'daemonsets'])
const REGISTRATIONS: ReadonlySet<string> = new Set(['validatingwebhookconfigurations', 'validatingadmissionpolicies', 'validatingadmissionpolicybindings'])
/** Other people's webhooks and policies are none of ours. */
const OURS = /hipaa-ci|gatekeeper/i
const GATEKEEPER = /^system:serviceaccount:gatekeeper-system:/
/** Removes namespaces that somebody deleted. */
const NAMESPACE_CONTROLLER = /^system:(?:serviceaccount:kube-system:namespace-controller|kube-controller-manager)$/

/** Undefined where the event is about something else. */
export function enforcementChange(event: AuditEvent): Difference | undefined {
  if (!CHANGES.has(event.verb) || event.subresource !== '' || !isAboutUs(event)) return undefined
  const what = `${event.resource}${event.group === '' ? '' : `.${event.group}`}/${event.name || '(all)'}`
  // Denied by roles, or by a policy: either way nothing changed.
  if (event.code === 403) return difference(event, 'enforcement-attempt', what, false)
  if (event.code < 200 || event.code >= 300) return undefined
  // A constraint more does no harm; a configuration of Gatekeeper may say where nothing is judged.
  const isNew = (event.verb === 'create' || event.code === 201) && event.group !== CONFIGURATION
  return difference(event, 'enforcement-changed', what, !isNew && !isBy(GATEKEEPER, event))
}

/** Of a namespace the label is told by what was sent, put on or taken off; where the log does not hold that, any change may be one of labels. */
export function namespaceChange(event: AuditEvent): Difference | undefined {
  const {resource, group, verb, subresource, code, name, ignoreLabel, labelTakenOff} = event
  if (resource !== 'namespaces' || group !== '' || !['create', 'update', 'patch'].includes(verb)) return undefined
  const what = `namespace/${name}${subresource === '' ? '' : ` by ${subresource}`}`
  if (labelTakenOff === true && code >= 200 && code < 300) return difference(event, 'ignore-label-gone', what, false)
  if (ignoreLabel === true) return difference(event, code === 403 ? 'enforcement-attempt' : 'ignore-label', what, code >= 200 && code < 300)
  if (ignoreLabel === false || verb === 'create' || code === 201 || code < 200 || code >= 300 || isBy(NAMESPACE_CONTROLLER, event)) return undefined
  return difference(event, 'namespace-changed', what, false)
}

function isAboutUs({group, resource, namespace, name, verb}: AuditEvent): boolean {
  if (GROUPS.has(group)) return true
  // Which policy a provider judges by stands in its StatefulSet; what Gatekeeper leaves out, in its arguments.
  if (group === 'apps' && WORKLOADS.has(resource)) return namespace === GATEKEEPER_NAMESPACE || (resource === 'statefulsets' && name === SERVER)
  if (group === 'admissionregistration.k8s.io') return REGISTRATIONS.has(resource) && (OURS.test(name) || verb === 'deletecollection')
  return group === 'apiextensions.k8s.io' && resource === 'customresourcedefinitions' && (name.endsWith('.gatekeeper.sh') || verb === 'deletecollection')
}

function isBy(who: RegExp, {user, as}: AuditEvent): boolean {
  return as === undefined && who.test(user)
}

function difference({time, user, arn, as, verb, message}: AuditEvent, reason: Difference['reason'], what: string, open: boolean): Difference {
  const says = [...(as === undefined ? [] : [`in the name of ${as}`]), ...(message === '' ? [] : [message])].join('; ')
  return {side: 'source', reason, what, open, time, user, ...(arn !== undefined && {arn}), verb, ...(says !== '' && {says})}
}
