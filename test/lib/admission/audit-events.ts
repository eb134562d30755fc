/** Events of an API server's audit log as EKS writes them, at level RequestResponse; synthetic. */

export interface EventInput {
  readonly verb: string
  readonly time: Date
  readonly user?: unknown
  readonly objectRef: Readonly<Record<string, unknown>>
  readonly more?: Readonly<Record<string, unknown>>
}

let ids = 0

export function auditEvent({verb, time, user = {username: 'ada'}, objectRef, more = {}}: EventInput): string {
  ids += 1
  return JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    auditID: `audit-${ids}`,
    stage: 'ResponseComplete',
    requestURI: '/api/v1',
    verb,
    user,
    objectRef: {apiVersion: 'v1', ...objectRef},
    responseStatus: {metadata: {}, code: 200},
    requestReceivedTimestamp: time.toISOString().replace('Z', '000Z'),
    stageTimestamp: time.toISOString().replace('Z', '000Z'),
    annotations: {'authorization.k8s.io/decision': 'allow'},
    ...more,
  })
}

export interface PodMade {
  readonly uid?: string
  readonly name: string
  readonly namespace?: string
  readonly time: Date
  readonly user?: string
  readonly code?: number
  readonly message?: string
}

/** Somebody asks to make a pod; it is answered with the pod, or with a refusal. */
export function podMade({
  uid,
  name,
  namespace = 'patient-api',
  time,
  user = 'system:serviceaccount:kube-system:replicaset-controller',
  code = 201,
  message,
}: PodMade): string {
  return auditEvent({
    verb: 'create',
    time,
    user: {username: user},
    objectRef: {resource: 'pods', namespace, ...(uid === undefined && {name})},
    more: {
      responseStatus: {metadata: {}, code, ...(message !== undefined && {status: 'Failure', message})},
      ...(uid !== undefined && {responseObject: {kind: 'Pod', metadata: {name, namespace, uid}}}),
    },
  })
}
