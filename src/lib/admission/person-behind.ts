/** Who is behind a pod that a controller made: whoever changed what makes it last, before it was made. */
import {owningWorkload, type Workload} from '../evidence/owning-workload.ts'
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

const CONTROLLER = /^system:serviceaccount:kube-system:/

/** @param workloads of `AuditReading`. Undefined where the log does not say. */
export function personBehind(
  {namespace, time, owners}: {readonly namespace: string; readonly time: string; readonly owners: readonly Workload[]},
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

function namesOf(owner: Workload): readonly (readonly [resource: string, name: string])[] {
  const outer = owningWorkload(owner)
  const own = [resourceOf(owner), owner.name] as const
  return outer.kind === owner.kind ? [own] : [[resourceOf(outer), outer.name], own]
}

function resourceOf({kind}: Workload): string {
  return `${kind.toLowerCase()}s`
}
