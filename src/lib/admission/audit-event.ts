/**
 * A line of an API server's audit log (audit.k8s.io/v1), reduced to what admission is about.
 *
 * Read as a log file, as CloudWatch exports it (a time before each event), and as its subscriptions hand it on
 * (`logEvents`). Whoever made a request chose many of its texts. Of the user's extras only the identity is taken: a key id
 * of AWS has no business in a record.
 */
import {z} from 'zod'

const Text = z.string().max(8_192)
const Ref = z.looseObject({
  resource: Text.nullish(),
  apiGroup: Text.nullish(),
  subresource: Text.nullish(),
  namespace: Text.nullish(),
  name: Text.nullish(),
  uid: Text.nullish(),
})
const User = z.looseObject({username: Text.nullish(), extra: z.record(z.string(), z.array(Text)).nullish()})
const Meta = z.looseObject({metadata: z.looseObject({name: Text.nullish(), uid: Text.nullish()}).nullish()})

const Event = z.looseObject({
  kind: z.literal('Event'),
  apiVersion: z.literal('audit.k8s.io/v1'),
  auditID: Text.min(1),
  stage: Text,
  verb: Text,
  requestURI: z.string().nullish(),
  user: User,
  impersonatedUser: User.nullish(),
  objectRef: Ref.nullish(),
  responseStatus: z.looseObject({code: z.int().nullish(), message: z.string().nullish()}).nullish(),
  requestObject: z.unknown().optional(),
  responseObject: z.unknown().optional(),
  requestReceivedTimestamp: z.iso.datetime({offset: true}),
  annotations: z.record(z.string(), z.string()).nullish(),
})

const Delivery = z.looseObject({logEvents: z.array(z.looseObject({message: z.string()}))})
/** CloudWatch's export, and `kubectl logs --timestamps`. */
const EXPORTED = /^\d{4}-\d\d-\d\dT[\d:.]+Z?\s+(?=\{)/
const FAILED_OPEN = /^failed-open\.(?:validating|mutating)\.webhook\.admission\.k8s\.io\//
/** In a JSON patch a slash is written `~1`. */
const IGNORE_LABEL = /admission\.gatekeeper\.sh(?:\/|~1)ignore/

export interface AuditEvent {
  readonly id: string
  readonly verb: string
  /** When it was received, UTC with milliseconds. */
  readonly time: string
  /** Whoever logged in. */
  readonly user: string
  readonly arn?: string
  /** As whom they acted. */
  readonly as?: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  /** Empty where it has none yet, and the log does not tell it. */
  readonly name: string
  readonly uid: string
  readonly code: number
  readonly message: string
  readonly dryRun: boolean
  /** Denied by authorization: it never came to admission. */
  readonly forbidden: boolean
  /** Webhooks that were out of reach, and passed over. */
  readonly failedOpen: readonly string[]
  /** What was sent names the label; undefined where the log does not hold what was sent. */
  readonly ignoreLabel?: boolean
}

/** Events of the line; `unread` counts what is none. Those of other stages are left out: each request is told once, when it is answered. */
export function auditEvents(line: string): {readonly events: readonly AuditEvent[]; readonly unread: number} {
  const value = json(line.replace(EXPORTED, ''))
  const delivery = Delivery.safeParse(value)
  if (!delivery.success) return one(value)
  const all = delivery.data.logEvents.map(({message}) => one(json(message)))
  return {events: all.flatMap(({events}) => events), unread: all.reduce((sum, {unread}) => sum + unread, 0)}
}

function one(value: unknown): {events: readonly AuditEvent[]; unread: number} {
  const parsed = Event.safeParse(value)
  if (!parsed.success) return {events: [], unread: 1}
  return {events: ['ResponseComplete', 'Panic'].includes(parsed.data.stage) ? [reduced(parsed.data)] : [], unread: 0}
}

function reduced(event: z.infer<typeof Event>): AuditEvent {
  const {user, impersonatedUser, objectRef: ref, responseStatus, annotations} = event
  const response = Meta.safeParse(event.responseObject)
  const made = response.success && event.verb === 'create' ? response.data.metadata : undefined
  const arn = user.extra?.['arn']?.[0]
  const {requestObject: sent} = event
  return {
    id: event.auditID,
    verb: event.verb,
    time: new Date(event.requestReceivedTimestamp).toISOString(),
    user: user.username ?? '',
    ...(arn !== undefined && {arn}),
    ...(impersonatedUser?.username && {as: impersonatedUser.username}),
    group: ref?.apiGroup ?? '',
    resource: ref?.resource ?? '',
    subresource: ref?.subresource ?? '',
    namespace: ref?.namespace ?? '',
    name: ref?.name || made?.name || '',
    uid: made?.uid || ref?.uid || '',
    code: event.stage === 'Panic' ? 500 : (responseStatus?.code ?? 0),
    message: (responseStatus?.message ?? '').slice(0, 1_000),
    dryRun: /[?&]dryRun=/.test(event.requestURI ?? ''),
    forbidden: annotations?.['authorization.k8s.io/decision'] === 'forbid',
    failedOpen: Object.entries(annotations ?? {}).flatMap(([key, webhook]) => (FAILED_OPEN.test(key) ? [webhook] : [])),
    ...(sent !== undefined && sent !== null && {ignoreLabel: IGNORE_LABEL.test(JSON.stringify(sent))}),
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
