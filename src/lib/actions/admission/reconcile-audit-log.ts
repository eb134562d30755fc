/**
 * The audit log of an API server against the records of admission: who made what, what came in past the webhook, and who
 * changed what keeps the cluster closed.
 *
 * Rules: the log is read line by line, whatever its size; a line that cannot be read makes the answer incomplete. It does
 * not name its cluster: that is the word of whoever calls.
 */
import {resolve} from 'node:path'
import {allowedRequests, refusedRequests, type AllowedRequest, type RefusedRequest} from '../../admission/allowed-requests.ts'
import {auditBook, isDone, type AuditReading} from '../../admission/audit-book.ts'
import {auditEvents, type AuditEvent} from '../../admission/audit-event.ts'
import {isWithin, joinAudit, type Joined, type RecordedRequest} from '../../admission/join-audit.ts'
import {personBehind, type PersonBehind} from '../../admission/person-behind.ts'
import type {Difference} from '../../admission/reconciled-difference.ts'
import {withoutPod} from '../../admission/reconcile-pods.ts'
import {unverifiedCauses, type ClusterTimes} from '../../admission/unverified-causes.ts'
import {AppError, REASONS, worstExit, type ExitCode, type ReasonCode} from '../../errors.ts'
import type {Context} from '../../ports/context.ts'
import {evidenceOf} from './cluster-evidence.ts'
import {reasonsFor, tooYoung} from './reconcile-reasons.ts'
import {recordReconciliation} from './record-reconciliation.ts'

export interface AuditLogRequest {
  readonly cluster: string
  /** Paths; `-` is standard input. */
  readonly files: readonly string[]
}

/** Who asked for what a record is about. */
export interface AskedBy {
  readonly decision: 'let in' | 'refused'
  readonly namespace: string
  readonly name: string | undefined
  readonly user: string
  readonly arn?: string
  readonly as?: string
  readonly time: string
  /** How the record was found. */
  readonly by: Joined<AllowedRequest>['by']
  /** Behind a controller. */
  readonly person?: PersonBehind
  readonly reasons?: readonly string[]
  readonly records: readonly string[]
}

export interface AuditLogResult {
  readonly kind: 'audit-log'
  readonly cluster: string
  readonly source: 'audit-log'
  readonly window: {readonly from: string; readonly to: string}
  readonly exitCode: ExitCode
  readonly events: number
  readonly letIn: number
  readonly refused: number
  readonly unverified: {readonly open: number; readonly explained: number}
  readonly onlyEvidence: number
  readonly differences: readonly Difference[]
  readonly requests: readonly AskedBy[]
  readonly reasons: readonly ReasonCode[]
  readonly incomplete: readonly string[]
  readonly unreadable: readonly string[]
  readonly record: string | undefined
}

const HOUR = 3_600_000
/** A webhook said no, or could not be asked. Other refusals never came to us. */
const BY_WEBHOOK = /admission webhook|failed calling webhook/

/** @throws AppError `usage.input`, `store.*`, `record.not-written` */
export async function reconcileAuditLog({cluster, files}: AuditLogRequest, context: Context): Promise<AuditLogResult> {
  const {reading, faults} = await readLogs(files, context)
  const {window} = reading
  if (window === undefined)
    throw new AppError('usage.input', 'the audit log holds no event', {fix: 'Give the audit log of the API server: a JSON event (audit.k8s.io/v1) a line.'})
  context.progress.step('Reading the records of what was let in and refused')
  const evidence = await evidenceOf(cluster, Math.max(0, Date.parse(window.from) - HOUR), context)
  const compared = compare(reading, window, evidence, context.now())
  const incomplete = [...(faults > 0 ? [`${faults} ${faults === 1 ? 'line' : 'lines'} of the log could not be read`] : []), ...tooYoung(compared.differences)]
  const {differences, requests} = compared
  const reasons = reasonsFor(differences, incomplete.length > 0 ? 'admission.audit-log' : undefined, evidence.unreadable)
  const ofSource = differences.filter(({side}) => side === 'source')
  const strangers = differences.filter(({reason}) => reason === 'unverified-workload')
  const counts = {
    events: reading.events,
    letIn: requests.filter(({decision}) => decision === 'let in').length,
    refused: requests.filter(({decision}) => decision === 'refused').length,
    unverified: {open: strangers.filter(({open}) => open).length, explained: strangers.filter(({open}) => !open).length},
    onlyEvidence: differences.length - ofSource.length,
  }
  const written = await recordReconciliation(
    {
      source: 'audit-log',
      cluster,
      window,
      both: requests.length,
      only_source: ofSource.length,
      only_evidence: counts.onlyEvidence,
      differences,
      about: {...counts, incomplete, unreadable: evidence.unreadable, requests},
      tools: [],
    },
    worstExit(reasons.map((reason) => REASONS[reason].exit)),
    context,
  )
  return {kind: 'audit-log', cluster, source: 'audit-log', window, ...counts, ...compared, reasons, incomplete, unreadable: evidence.unreadable, ...written}
}

async function readLogs(files: readonly string[], context: Context): Promise<{reading: AuditReading; faults: number}> {
  const book = auditBook()
  let faults = 0
  for (const file of files) {
    context.progress.step(`Reading ${file === '-' ? 'standard input' : file}`)
    for await (const line of context.linesOf(file === '-' ? '-' : resolve(context.cwd, file))) {
      const {events, unread} = 'text' in line ? auditEvents(line.text) : {events: [], unread: 1}
      faults += unread
      for (const event of events) book.take(event)
    }
  }
  return {reading: book.read(), faults}
}

function compare(
  {podRequests, workloads, differences}: AuditReading,
  window: {readonly from: string; readonly to: string},
  {admissions, times}: {readonly admissions: Parameters<typeof allowedRequests>[0]; readonly times: ClusterTimes},
  now: Date,
): {differences: readonly Difference[]; requests: readonly AskedBy[]} {
  const allowed = allowedRequests(admissions)
  const made = joinAudit(podRequests.filter(isDone), allowed)
  const failed = podRequests.filter((event) => !isDone(event) && !event.forbidden && BY_WEBHOOK.test(event.message))
  const refused = refusedRequests(admissions)
  const denied = joinAudit(failed, refused)
  const known = new Set([...made.joined, ...denied.joined].map(({request}) => request.uid))
  const isMissing = ({uid, operation, time}: RecordedRequest) => operation === 'CREATE' && !known.has(uid) && isWithin(time, window)
  return {
    differences: [
      ...differences,
      ...made.unjoined.map((event) => unverified(event, times, now)),
      ...denied.unjoined.map((event) => told(event, 'refused-without-record', false)),
      ...allowed.filter(isMissing).map((request) => withoutPod(request, 'reply-lost')),
      ...refused.filter(isMissing).map((request) => withoutPod(request, 'refusal-without-request')),
    ],
    requests: [...made.joined.map((one) => askedBy('let in', one, workloads)), ...denied.joined.map((one) => askedBy('refused', one, workloads))],
  }
}

function unverified(event: AuditEvent, times: ClusterTimes, now: Date): Difference {
  // Only a node makes a pod that stands for a static one.
  const pod = {namespace: event.namespace, created: event.time, mirror: event.as === undefined && event.user.startsWith('system:node:')}
  const causes = unverifiedCauses(pod, times, now)
  const closed = causes.includes('exempt-namespace') || causes.includes('just-created')
  return {...told(event, 'unverified-workload', !closed), causes}
}

function told(event: AuditEvent, reason: Difference['reason'], open: boolean): Difference {
  const {namespace, name, subresource, time, uid, user, arn, as, verb, message} = event
  const says = [...(as === undefined ? [] : [`in the name of ${as}`]), ...(message === '' ? [] : [message])].join('; ')
  return {
    side: 'source',
    reason,
    what: `${namespace}/${name || '(unnamed)'}${subresource === '' ? '' : ` ${subresource}`}`,
    open,
    time,
    user,
    verb,
    ...(arn !== undefined && {arn}),
    ...(uid !== '' && {uid}),
    ...(says !== '' && {says}),
  }
}

function askedBy(
  decision: AskedBy['decision'],
  {event, request, by}: Joined<AllowedRequest> | Joined<RefusedRequest>,
  workloads: AuditReading['workloads'],
): AskedBy {
  const {user, arn, as, time} = event
  const {namespace, name, owners, records} = request
  const person = personBehind({namespace, time, owners}, workloads)
  return {
    decision,
    namespace,
    name,
    user,
    ...(arn !== undefined && {arn}),
    ...(as !== undefined && {as}),
    time,
    by,
    ...(person !== undefined && {person}),
    ...('reasons' in request && {reasons: request.reasons}),
    records,
  }
}
