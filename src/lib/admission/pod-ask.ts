/**
 * What a cluster asks about a pod, or about what makes pods: all that a verdict and its record need, whether it came as an
 * AdmissionReview or as the key of an external-data request.
 */
import {podImages, type PodImage} from './pod-images.ts'
import type {PodRequest} from './review.ts'

export interface PodAsk {
  /** Fresh for each call of a webhook; empty in Gatekeeper's audit. */
  readonly uid: string
  readonly user: string | undefined
  /** The identity in AWS behind the user, where the cluster tells it. */
  readonly arn?: string
  readonly groups: readonly string[]
  readonly namespace: string
  readonly operation: 'CREATE' | 'UPDATE'
  readonly subresource: 'ephemeralcontainers' | undefined
  readonly dryRun: boolean
  /** `Pod`, or what makes pods: `Deployment`. */
  readonly kind: string
  /** Undefined where it has none yet, or the road does not tell it. */
  readonly name?: string
  readonly objectUid?: string
  /** From the nearest owner on. */
  readonly owners: readonly {readonly kind: string; readonly name: string}[]
  /** At least one. */
  readonly images: readonly PodImage[]
}

/** @throws AppError `usage.input` where the pod names no image, or too many */
export function askOf(request: PodRequest): PodAsk {
  const {metadata} = request.pod
  const {pod: _, oldPod: __, ...rest} = request
  return {
    ...rest,
    kind: 'Pod',
    ...(metadata.name && {name: metadata.name}),
    ...(metadata.uid && {objectUid: metadata.uid}),
    owners: metadata.ownerReferences.map(({kind, name}) => ({kind, name})),
    images: podImages(request),
  }
}
