/**
 * Requests of an audit log joined with the records of the same requests.
 *
 * Rules: by the uid of the pod where the log holds it (a log with answers), else by namespace and name, else by namespace,
 * user and time, each record once and the nearest in time first. The clocks of the API server and of a provider may differ
 * by minutes; what is that near to either end of the log is not missed.
 */
import type {AllowedRequest} from './allowed-requests.ts'
import type {AuditEvent} from './audit-event.ts'
import {CLOCK_SKEW} from './unverified-causes.ts'

/** What a record says of a request, let in or refused. */
export type RecordedRequest = Pick<AllowedRequest, 'uid' | 'objectUid' | 'namespace' | 'name' | 'user' | 'operation' | 'time'>

export interface Joined<T extends RecordedRequest> {
  readonly event: AuditEvent
  readonly request: T
  readonly by: 'uid' | 'name' | 'user and time'
}

export interface JoinedAudit<T extends RecordedRequest> {
  readonly joined: readonly Joined<T>[]
  readonly unjoined: readonly AuditEvent[]
}

export function joinAudit<T extends RecordedRequest>(events: readonly AuditEvent[], requests: readonly T[]): JoinedAudit<T> {
  const used = new Set<string>()
  const indexes = [
    {by: 'uid', keyOf: (event: AuditEvent) => [event.uid], index: Map.groupBy(requests, ({objectUid}) => objectUid), isNear: () => true},
    {
      by: 'name',
      keyOf: ({namespace, name}: AuditEvent) => (name === '' ? [] : [`${namespace}/${name}`]),
      index: Map.groupBy(requests, ({namespace, name}) => `${namespace}/${name ?? ''}`),
      isNear,
    },
    {
      by: 'user and time',
      // Where the log names the pod, a record of another name is none of it.
      keyOf: ({namespace, name, user, as}: AuditEvent) => (name === '' ? [`${namespace} ${as ?? user}`] : []),
      index: Map.groupBy(requests, ({namespace, user}) => `${namespace} ${user}`),
      isNear,
    },
  ] as const
  const joined: Joined<T>[] = []
  let left = events
  for (const {by, keyOf, index, isNear: fits} of indexes) {
    const next: AuditEvent[] = []
    for (const event of left) {
      const found = keyOf(event)
        .filter((key) => key !== '')
        .flatMap((key) => index.get(key) ?? [])
        .filter((request) => !used.has(request.uid) && operationOf(event) === request.operation && fits(event, request))
      const nearest = found.toSorted((a, b) => apart(event, a) - apart(event, b))[0]
      if (nearest === undefined) next.push(event)
      else {
        used.add(nearest.uid)
        joined.push({event, request: nearest, by})
      }
    }
    left = next
  }
  return {joined, unjoined: left}
}

/** Far enough from both ends of the log to be missed where it is not in it. */
export function isWithin(time: string, {from, to}: {readonly from: string; readonly to: string}): boolean {
  return Date.parse(time) > Date.parse(from) + CLOCK_SKEW && Date.parse(time) < Date.parse(to) - CLOCK_SKEW
}

function isNear(event: AuditEvent, request: RecordedRequest): boolean {
  return apart(event, request) <= CLOCK_SKEW
}

function apart({time}: AuditEvent, request: RecordedRequest): number {
  return Math.abs(Date.parse(time) - Date.parse(request.time))
}

function operationOf({subresource}: AuditEvent): string {
  return subresource === '' ? 'CREATE' : 'UPDATE'
}
