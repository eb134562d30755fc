/**
 * What an audit log says that admission is about, gathered event by event: of hundreds of megabytes only this is kept.
 *
 * Rules: a dry run changed nothing. An event that comes twice (files that overlap) counts once.
 */
import type {AuditEvent} from './audit-event.ts'
import {enforcementChange, namespaceChange} from './enforcement-changes.ts'
import type {Difference} from './reconciled-difference.ts'

export interface AuditBook {
  take(event: AuditEvent): void
  read(): AuditReading
}

export interface AuditReading {
  readonly events: number
  /** Of the first and the last event, UTC; undefined where there was none. */
  readonly window: {readonly from: string; readonly to: string} | undefined
  /** Pods that somebody asked to make, and containers that somebody asked to add to one; let in or not. */
  readonly podRequests: readonly AuditEvent[]
  /** Changes of what makes pods, by `resource namespace/name`. */
  readonly workloads: ReadonlyMap<string, readonly AuditEvent[]>
  /** Of webhooks, constraints, templates, providers, policies and namespaces, and what was let in because a webhook was out of reach. */
  readonly differences: readonly Difference[]
}

const WORKLOADS: ReadonlySet<string> = new Set(['deployments', 'statefulsets', 'daemonsets', 'replicasets', 'jobs', 'cronjobs'])
const CHANGES: ReadonlySet<string> = new Set(['create', 'update', 'patch'])
/** Of one workload; more than that in one log is a controller at odds with itself. */
const KEPT = 50
/** Webhooks of this name are what keeps the cluster closed. */
const OURS = /hipaa-ci|gatekeeper/i

export function auditBook(): AuditBook {
  const seen = new Set<string>()
  const podRequests: AuditEvent[] = []
  const workloads = new Map<string, AuditEvent[]>()
  const differences: Difference[] = []
  let [from, to] = ['', '']
  let events = 0
  return {
    take(event) {
      events += 1
      if (from === '' || event.time < from) from = event.time
      if (event.time > to) to = event.time
      const found = [...failedOpen(event), ...[enforcementChange(event), namespaceChange(event)].filter((one) => one !== undefined)]
      const isWorkload = WORKLOADS.has(event.resource) && event.subresource === '' && CHANGES.has(event.verb) && isDone(event)
      if (event.dryRun || (found.length === 0 && !isWorkload && !bringsImages(event)) || seen.has(event.id)) return
      seen.add(event.id)
      differences.push(...found)
      if (bringsImages(event)) podRequests.push(event)
      if (isWorkload) {
        const key = `${event.resource} ${event.namespace}/${event.name}`
        workloads.set(key, [...(workloads.get(key) ?? []), event].slice(-KEPT))
      }
    },
    read: () => ({events, window: events === 0 ? undefined : {from, to}, podRequests, workloads, differences}),
  }
}

export function isDone({code}: AuditEvent): boolean {
  return code >= 200 && code < 300
}

function bringsImages({group, resource, subresource, verb}: AuditEvent): boolean {
  if (group !== '' || resource !== 'pods') return false
  return (subresource === '' && verb === 'create') || (subresource === 'ephemeralcontainers' && (verb === 'patch' || verb === 'update'))
}

function failedOpen(event: AuditEvent): Difference[] {
  const {failedOpen: webhooks, namespace, name, resource, time, user, arn, verb} = event
  if (webhooks.length === 0 || !isDone(event)) return []
  return [
    {
      side: 'source',
      reason: 'failed-open',
      what: resource === 'pods' ? `${namespace}/${name || '(unnamed)'}` : `${resource} ${namespace}/${name}`,
      open: webhooks.some((webhook) => OURS.test(webhook)),
      time,
      user,
      ...(arn !== undefined && {arn}),
      verb,
      says: `let in because ${webhooks.join(', ')} was out of reach`,
    },
  ]
}
