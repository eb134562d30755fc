/** What a cluster runs, as kubectl lists it, of synthetic pods; and the records that let them in. */
import {parsePodListing, type ListedPod} from '../../../src/lib/admission/pod-listing.ts'
import type {RecordOf} from '../../../src/lib/evidence/schema.ts'

export const DIGEST = `sha256:${'a'.repeat(64)}`
export const OTHER = `sha256:${'b'.repeat(64)}`
export const REPOSITORY = 'registry.example/prod/patient-api'
export const IMAGE = `${REPOSITORY}@${DIGEST}`

export interface PodInput {
  readonly uid?: string
  readonly namespace?: string
  readonly name?: string
  readonly created?: string
  readonly phase?: string
  readonly image?: unknown
  /** `imageID` of its one container; null where it was not started. */
  readonly imageId?: string | null
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly spec?: Readonly<Record<string, unknown>>
}

export function listedPod(input: PodInput = {}): Record<string, unknown> {
  const {uid = 'u-1', namespace = 'patient-api', name = 'web-1', created = '2026-06-15T10:00:00Z', phase = 'Running', image = IMAGE, imageId = IMAGE} = input
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      uid,
      namespace,
      name,
      creationTimestamp: created,
      ownerReferences: [{apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'o-1', controller: true}],
      ...input.metadata,
    },
    spec: {containers: [{name: 'app', image}], ...input.spec},
    status: {phase, ...(imageId !== null && {containerStatuses: [{name: 'app', image: 'whatever', imageID: imageId, ready: true}]})},
  }
}

export function listing(items: readonly unknown[], more: Readonly<Record<string, unknown>> = {}): Uint8Array {
  return Buffer.from(JSON.stringify({apiVersion: 'v1', kind: 'List', metadata: {resourceVersion: ''}, items, ...more}))
}

export function pods(...inputs: readonly PodInput[]): readonly ListedPod[] {
  return parsePodListing(listing(inputs.map(listedPod))).pods
}

export type AdmissionDetail = RecordOf<'admission'>['data']['detail']

/** Let in by an enforcing cluster, unless it says otherwise. */
export function admissionOf(detail: Partial<AdmissionDetail> = {}): AdmissionDetail {
  return {
    cluster: 'prod-east',
    uid: 'r-1',
    user: 'system:serviceaccount:kube-system:replicaset-controller',
    groups: [],
    namespace: 'patient-api',
    kind: 'Pod',
    name: 'web-1',
    owner_chain: [{kind: 'ReplicaSet', name: 'web'}],
    operation: 'CREATE',
    dry_run: false,
    mode: 'enforce',
    image: IMAGE,
    path: 'spec.containers[0]',
    signatures_tried: [],
    verdict: 'verified',
    reasons: [],
    object_uid: 'u-1',
    ...detail,
  }
}
