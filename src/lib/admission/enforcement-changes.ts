/**
 * Who changed what keeps a cluster closed: webhooks, policies, templates, constraints, providers, Gatekeeper's configuration
 * and its resource types; and the labels of namespaces.
 *
 * Rules: what Gatekeeper's own account does to them is its work, unless somebody acts in its name. A change is open, because
 * nothing in a log of this kind says that it was harmless; that something was made, or was denied, is told.
 */
import type {AuditEvent} from './audit-event.ts'
import type {Difference} from './reconciled-difference.ts'

const CHANGES: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])
/** Groups in which everything counts. */
const GROUPS: ReadonlySet<string> = new Set([
  'templates.gatekeeper.sh',
  'constraints.gatekeeper.sh',
  'externaldata.gatekeeper.sh',
  'config.gatekeeper.sh',
  'expansion.gatekeeper.sh',
])
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
  const isNew = event.verb === 'create' || event.code === 201
  return difference(event, 'enforcement-changed', what, !isNew && !isBy(GATEKEEPER, event))
}

/** Of a namespace the label is told by what was sent; where the log does not hold that, any change may be one of labels. */
export function namespaceChange(event: AuditEvent): Difference | undefined {
  const {resource, group, verb, subresource, code, name, ignoreLabel} = event
  if (resource !== 'namespaces' || group !== '' || !['create', 'update', 'patch'].includes(verb)) return undefined
  const what = `namespace/${name}${subresource === '' ? '' : ` by ${subresource}`}`
  if (ignoreLabel === true) return difference(event, code === 403 ? 'enforcement-attempt' : 'ignore-label', what, code >= 200 && code < 300)
  if (ignoreLabel === false || verb === 'create' || code === 201 || code < 200 || code >= 300 || isBy(NAMESPACE_CONTROLLER, event)) return undefined
  return difference(event, 'namespace-changed', what, false)
}

function isAboutUs({group, resource, name, verb}: AuditEvent): boolean {
  if (GROUPS.has(group)) return true
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
