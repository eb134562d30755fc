/**
 * Who is behind a pod that a controller made: whoever changed what makes it last, before it was made.
 *
 * An account of a service is never a person. Where the last change is a GitOps tool's, the person is looked for one step
 * further: who changed the Application, Kustomization or HelmRelease that the tool says it applied. Where the log does not
 * tell (the change was a commit), what is told is the account, marked as automation.
 */
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
  /** No person, but an account: who stands behind it is not in this log. */
  readonly automation?: true
  /** The account that carried it out for the person. */
  readonly through?: string
}

interface Change {
  readonly event: AuditEvent
  readonly what: string
}

/** They only carry on what somebody else wrote. */
const CONTROLLER = /^system:serviceaccount:kube-system:|^system:kube-/
/** Accounts of services, nodes and the cluster's own parts. */
const ACCOUNT = /^system:/

/** @param workloads of `AuditReading`. Undefined where the log does not say. */
export function personBehind(
  {namespace, time, owners}: {readonly namespace: string; readonly time: string; readonly owners: readonly Workload[]},
  workloads: ReadonlyMap<string, readonly AuditEvent[]>,
): PersonBehind | undefined {
  const latest = Date.parse(time) + CLOCK_SKEW
  const before = (what: string): Change[] => (workloads.get(what) ?? []).filter(({time: at}) => Date.parse(at) <= latest).map((event) => ({event, what}))
  const changes = owners
    .toReversed()
    .flatMap(namesOf)
    .flatMap(([resource, own]) => before(`${resource} ${namespace}/${own}`))
    .filter(({event: {user, as}}) => !CONTROLLER.test(user) || (as !== undefined && !ACCOUNT.test(as)))
  const last = newest(changes)
  if (last === undefined) return undefined
  if (!ACCOUNT.test(last.event.user)) return toldOf(last)
  const further = newest(changes.filter(({event}) => event.user === last.event.user && event.appliedBy !== undefined))?.event.appliedBy
  const person = newest(
    namedBy(further, workloads)
      .flatMap(before)
      .filter(({event}) => !ACCOUNT.test(event.user)),
  )
  return person === undefined ? {...toldOf(last), automation: true} : {...toldOf(person), through: last.event.user}
}

function newest(changes: readonly Change[]): Change | undefined {
  return changes.toSorted((a, b) => (a.event.time < b.event.time ? -1 : 1)).at(-1)
}

function toldOf({event: {user, arn, as, verb, time}, what}: Change): PersonBehind {
  return {user, ...(arn !== undefined && {arn}), ...(as !== undefined && {as}), verb, what, time}
}

/** Its own key; of a tool that does not name the namespace all that are called so. */
function namedBy(appliedBy: string | undefined, workloads: ReadonlyMap<string, unknown>): readonly string[] {
  const [, resource = '', name = ''] = /^(\S+) \*\/(.*)$/s.exec(appliedBy ?? '') ?? []
  if (name === '') return appliedBy === undefined ? [] : [appliedBy]
  return [...workloads.keys()].filter((key) => key.startsWith(`${resource} `) && key.endsWith(`/${name}`))
}

function namesOf(owner: Workload): readonly (readonly [resource: string, name: string])[] {
  const outer = owningWorkload(owner)
  const own = [resourceOf(owner), owner.name] as const
  return outer.kind === owner.kind ? [own] : [[resourceOf(outer), outer.name], own]
}

function resourceOf({kind}: Workload): string {
  return `${kind.toLowerCase()}s`
}
