/** Who is behind a pod that a controller made: whoever changed what makes it last, before it was made. */
import type {AuditEvent} from './audit-event.ts'
import {CLOCK_SKEW} from './unverified-causes.ts'

export interface PersonBehind {
  readonly user: string
  readonly arn?: string
  readonly as?: string
  readonly verb: string
  /** `deployments patient-api/web` */
  readonly what: string
  readonly time: string
}

type Owner = {readonly kind: string; readonly name: string}

/** The suffix that a Deployment gives its ReplicaSets, and a CronJob its Jobs. */
const TEMPLATE_HASH = /-[bcdfghjklmnpqrstvwxz2456789]{6,10}$/
const SCHEDULED = /-\d{6,12}$/
const CONTROLLER = /^system:serviceaccount:kube-system:/

/** @param workloads of `AuditReading`. Undefined where the log does not say. */
export function personBehind(
  {namespace, time, owners}: {readonly namespace: string; readonly time: string; readonly owners: readonly Owner[]},
  workloads: ReadonlyMap<string, readonly AuditEvent[]>,
): PersonBehind | undefined {
  const latest = Date.parse(time) + CLOCK_SKEW
  const changes = owners
    .toReversed()
    .flatMap(namesOf)
    .flatMap(([resource, own]) => {
      const what = `${resource} ${namespace}/${own}`
      return (workloads.get(what) ?? []).map((event) => ({event, what}))
    })
    .filter(({event}) => Date.parse(event.time) <= latest && (event.as !== undefined || !CONTROLLER.test(event.user)))
    .toSorted((a, b) => (a.event.time < b.event.time ? -1 : 1))
  const last = changes.at(-1)
  if (last === undefined) return undefined
  const {user, arn, as, verb, time: at} = last.event
  return {user, ...(arn !== undefined && {arn}), ...(as !== undefined && {as}), verb, what: last.what, time: at}
}

function namesOf({kind, name}: Owner): readonly (readonly [resource: string, name: string])[] {
  switch (kind) {
    case 'ReplicaSet':
      return [
        ['deployments', name.replace(TEMPLATE_HASH, '')],
        ['replicasets', name],
      ]
    case 'Job':
      return [
        ['cronjobs', name.replace(SCHEDULED, '')],
        ['jobs', name],
      ]
    default:
      return [[`${kind.toLowerCase()}s`, name]]
  }
}
