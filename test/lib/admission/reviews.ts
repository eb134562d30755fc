/** AdmissionReviews as an API server writes them, about synthetic pods. */

export const UID = '705ab4f5-6393-11e8-b7cc-42010a800002'

export interface ReviewInput {
  readonly containers?: unknown
  readonly initContainers?: unknown
  readonly ephemeralContainers?: unknown
  readonly volumes?: unknown
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly old?: unknown
  /** Members of the request, replaced or added. */
  readonly request?: Readonly<Record<string, unknown>>
}

/** Bytes of a review; CREATE of a pod in `patient-api` unless it says otherwise. */
export function review(input: ReviewInput = {}): Uint8Array {
  return Buffer.from(JSON.stringify(reviewValue(input)))
}

export function reviewValue({old, request = {}, ...podInput}: ReviewInput = {}): Record<string, unknown> {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: UID,
      kind: {group: '', version: 'v1', kind: 'Pod'},
      resource: {group: '', version: 'v1', resource: 'pods'},
      name: 'web-5d9c7b8f6-x2x4z',
      namespace: 'patient-api',
      operation: 'CREATE',
      userInfo: {username: 'system:serviceaccount:kube-system:replicaset-controller', uid: 'u-1', groups: ['system:serviceaccounts', 'system:authenticated']},
      object: pod(podInput),
      oldObject: old ?? null,
      dryRun: false,
      options: {apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions'},
      ...request,
    },
  }
}

/** Nulls where the API server's Go writes them for empty lists. */
export function pod({
  containers = null,
  initContainers = null,
  ephemeralContainers = null,
  volumes = null,
  metadata = {},
}: Omit<ReviewInput, 'old' | 'request'>): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web-5d9c7b8f6-x2x4z',
      namespace: 'patient-api',
      uid: '11111111-2222-3333-4444-555555555555',
      ownerReferences: [{apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d9c7b8f6', uid: 'o-1', controller: true}],
      ...metadata,
    },
    spec: {containers, initContainers, ephemeralContainers, volumes, restartPolicy: 'Always'},
    status: {phase: 'Pending', qosClass: 'BestEffort'},
  }
}

export function container(image: unknown, name = 'app'): unknown {
  return {name, image, resources: {}, imagePullPolicy: 'IfNotPresent'}
}
