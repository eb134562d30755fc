/**
 * What runs against what was let in, by the uid of each pod.
 *
 * Rules: a uid is one pod's only together with namespace and name, because a cluster that was restored hands out old ones.
 * Names and times decide nothing: clocks differ. What a node runs is compared by digest, and where that is another one than
 * was let in, a registry has to say whether it is a part of the same image: that is left to the caller.
 */
import type {AllowedImage, AllowedRequest} from './allowed-requests.ts'
import {recordText} from './admission-detail.ts'
import type {ListedImage, ListedPod} from './pod-listing.ts'
import type {Difference} from './reconciled-difference.ts'
import {unverifiedCauses, type Cause, type ClusterTimes} from './unverified-causes.ts'

/** A digest that runs and is not the one that was let in. */
export interface OtherDigest {
  readonly pod: ListedPod
  readonly image: ListedImage & {readonly runs: string}
  readonly admitted: readonly AllowedImage[]
  readonly records: readonly string[]
}

export interface ReconciledPods {
  readonly differences: readonly Difference[]
  readonly otherDigests: readonly OtherDigest[]
  /** Pods that a record let in. */
  readonly matched: readonly {readonly pod: ListedPod; readonly how: AllowedRequest['how']}[]
}

/** @param since requests from before it are not missed where their pod is gone, UTC */
export function reconcilePods(
  pods: readonly ListedPod[],
  allowed: readonly AllowedRequest[],
  {times, since, now}: {readonly times: ClusterTimes; readonly since: string; readonly now: Date},
): ReconciledPods {
  const byObject = Map.groupBy(allowed, ({objectUid}) => objectUid)
  const seen = new Set(pods.map(({uid}) => recordText(uid)))
  const differences: Difference[] = []
  const otherDigests: OtherDigest[] = []
  const matched: {pod: ListedPod; how: AllowedRequest['how']}[] = []
  for (const pod of pods) {
    const underUid = byObject.get(recordText(pod.uid)) ?? []
    const requests = underUid.filter((request) => isOf(request, pod))
    if (requests.length === 0) {
      differences.push(...unverified(pod, underUid, unverifiedCauses(pod, times, now)))
      continue
    }
    matched.push({pod, how: worstOf(requests)})
    for (const image of pod.images) {
      const admitted = requests.flatMap(({images}) => images.filter((one) => one.image === recordText(image.image)))
      const records = requests.flatMap((request) => request.records)
      if (admitted.length === 0) differences.push({...about(pod), reason: 'image-not-admitted', open: true, image: image.image, records})
      else if (isOther(image, admitted)) otherDigests.push({pod, image, admitted, records})
    }
  }
  for (const request of allowed)
    if (request.operation === 'CREATE' && request.time >= since && !seen.has(request.objectUid)) differences.push(withoutPod(request, 'no-pod'))
  return {differences, otherDigests, matched}
}

export function withoutPod(request: AllowedRequest, reason: 'no-pod' | 'reply-lost'): Difference {
  const {namespace, name, objectUid, time, owners, user, records} = request
  return {side: 'evidence', reason, what: `${namespace}/${name ?? '(unnamed)'}`, open: false, time, uid: objectUid, owners, user, records}
}

/** @param reason `other-digest` where a registry says that it is no part of what was let in, or `digest-not-checked` */
export function differentDigest({pod, image, admitted, records}: OtherDigest, reason: 'other-digest' | 'digest-not-checked', says?: string): Difference {
  return {
    ...about(pod),
    reason,
    open: reason === 'other-digest',
    image: image.image,
    admitted: [...new Set(admitted.flatMap(({digest}) => digest ?? []))],
    runs: image.runs,
    records,
    ...(says !== undefined && {says}),
  }
}

function isOf({namespace, name}: AllowedRequest, pod: ListedPod): boolean {
  return namespace === recordText(pod.namespace) && (name === undefined || name === recordText(pod.name))
}

function unverified(pod: ListedPod, underUid: readonly AllowedRequest[], causes: readonly Cause[]): Difference[] {
  if (underUid.length > 0) return [{...about(pod), reason: 'uid-of-another', open: true, records: underUid.flatMap(({records}) => records)}]
  return [{...about(pod), reason: 'unverified-workload', open: !causes.includes('exempt-namespace') && !causes.includes('just-created'), causes}]
}

function about({namespace, name, uid, created, phase, owners}: ListedPod): Pick<Difference, 'side' | 'what' | 'time' | 'uid' | 'phase' | 'owners'> {
  return {side: 'source', what: `${namespace}/${name}`, time: created, uid, phase, owners}
}

/** A tag that was warned about names no digest to compare with. */
function isOther(image: ListedImage, admitted: readonly AllowedImage[]): image is ListedImage & {runs: string} {
  const digests = admitted.flatMap(({digest}) => digest ?? [])
  return image.runs !== undefined && digests.length > 0 && !digests.includes(image.runs)
}

function worstOf(requests: readonly AllowedRequest[]): AllowedRequest['how'] {
  const ways = new Set(requests.map(({how}) => how))
  return ways.has('warned') ? 'warned' : ways.has('exempted') ? 'exempted' : 'verified'
}
