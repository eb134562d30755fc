/**
 * What a cluster runs: `kubectl get pods --all-namespaces --output json`, or the API's own PodList.
 *
 * Rules: whoever wrote the pods chose every text in it; a pod that cannot be read makes the listing unreadable, because a
 * pod that is left out would look like one that does not run. A page of a listing is told from the whole.
 */
import {z} from 'zod'
import {AppError} from '../errors.ts'
import {runningDigest} from './running-digest.ts'

const Text = z.string().max(4_096)
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .max(1_000)
    .nullish()
    .transform((items) => items ?? [])

const Container = z.looseObject({name: Text, image: Text.nullish()})
const Status = z.looseObject({name: Text, imageID: Text.nullish()})
const Volume = z.looseObject({name: Text.nullish(), image: z.looseObject({reference: Text.nullish()}).nullish()})

const Pod = z.looseObject({
  // Items of a PodList have none.
  kind: z.literal('Pod', 'is no Pod').nullish(),
  metadata: z.looseObject({
    namespace: Text.min(1),
    name: Text.min(1),
    uid: Text.min(1),
    creationTimestamp: z.iso.datetime({offset: true}),
    annotations: z.record(z.string(), z.unknown()).nullish(),
    ownerReferences: list(z.looseObject({kind: Text, name: Text, controller: z.boolean().nullish()})),
  }),
  spec: z.looseObject({containers: list(Container), initContainers: list(Container), ephemeralContainers: list(Container), volumes: list(Volume)}),
  status: z
    .looseObject({phase: Text.nullish(), containerStatuses: list(Status), initContainerStatuses: list(Status), ephemeralContainerStatuses: list(Status)})
    .nullish(),
})

const Listing = z.looseObject({
  kind: z.string().nullish(),
  metadata: z.looseObject({continue: z.string().nullish(), remainingItemCount: z.number().nullish()}).nullish(),
  items: z.array(z.unknown()).max(500_000),
})

export interface ListedImage {
  /** `spec.containers[0]` */
  readonly path: string
  /** As the pod names it; empty where it names none. */
  readonly image: string
  /** What really runs, `sha256:…`; undefined where it was not started, or the node does not say. */
  readonly runs?: string
  /** Where that was pulled from, as the node says; not every runtime does. */
  readonly from?: string
}

export interface ListedPod {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** UTC with milliseconds, by the API server's clock. */
  readonly created: string
  readonly phase: string
  /** It stands for a static pod, which a node runs whatever the API server says. Anybody may write the annotation. */
  readonly mirror: boolean
  /** Controller first. */
  readonly owners: readonly {readonly kind: string; readonly name: string}[]
  readonly images: readonly ListedImage[]
}

export interface PodListing {
  /** In the order of namespace and name. */
  readonly pods: readonly ListedPod[]
  /** It goes on elsewhere. */
  readonly truncated: boolean
}

const MIRROR = 'kubernetes.io/config.mirror'
const PLACES = [
  ['initContainers', 'initContainerStatuses'],
  ['containers', 'containerStatuses'],
  ['ephemeralContainers', 'ephemeralContainerStatuses'],
] as const

/** @throws AppError `usage.input` */
export function parsePodListing(bytes: Uint8Array): PodListing {
  const value = json(bytes)
  const listing = Listing.safeParse(value)
  if (!listing.success || !['List', 'PodList'].includes(listing.data.kind ?? ''))
    throw unreadable('it is no list of pods', 'Give the output of: kubectl get pods --all-namespaces --output json')
  const {items, metadata} = listing.data
  const pods = new Map<string, ListedPod>()
  for (const [at, item] of items.entries()) {
    const pod = readPod(item, at)
    const other = pods.get(pod.uid)
    if (other !== undefined && JSON.stringify(other) !== JSON.stringify(pod)) throw unreadable(`items.${at}: two pods have the uid ${show(pod.uid)}`)
    pods.set(pod.uid, pod)
  }
  const order = (pod: ListedPod) => `${pod.namespace}\0${pod.name}\0${pod.uid}`
  return {
    pods: [...pods.values()].toSorted((a, b) => (order(a) < order(b) ? -1 : 1)),
    truncated: Boolean(metadata?.continue) || (metadata?.remainingItemCount ?? 0) > 0,
  }
}

function readPod(item: unknown, at: number): ListedPod {
  const parsed = Pod.safeParse(item)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw unreadable(`items.${[at, ...(issue?.path ?? []).map(String)].join('.')}: ${issue?.message ?? 'is of the wrong shape'}`)
  }
  const {metadata, spec, status} = parsed.data
  const containers = PLACES.flatMap(([field, statuses]) => {
    const ids = new Map(status?.[statuses].map(({name, imageID}) => [name, imageID ?? '']))
    return spec[field].map(({name, image}, nth) => ({path: `spec.${field}[${nth}]`, image: image ?? '', ...runningDigest(ids.get(name) ?? '')}))
  })
  const volumes = spec.volumes.flatMap(({image}, nth) =>
    image === null || image === undefined ? [] : [{path: `spec.volumes[${nth}].image`, image: image.reference ?? ''}],
  )
  const images = [...containers, ...volumes]
  if (images.length === 0) throw unreadable(`items.${at}: the pod names no image`)
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    created: new Date(metadata.creationTimestamp).toISOString(),
    phase: status?.phase || 'Unknown',
    mirror: Object.hasOwn(metadata.annotations ?? {}, MIRROR),
    owners: metadata.ownerReferences.toSorted((a, b) => Number(b.controller ?? false) - Number(a.controller ?? false)).map(({kind, name}) => ({kind, name})),
    images,
  }
}

function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(bytes))
  } catch (cause) {
    throw new AppError('usage.input', 'the listing of pods is not JSON', {cause, fix: 'Give the output of: kubectl get pods --all-namespaces --output json'})
  }
}

function unreadable(why: string, fix?: string): AppError {
  return new AppError('usage.input', `the listing of pods cannot be read: ${why}`, fix === undefined ? {} : {fix})
}

function show(text: string): string {
  return JSON.stringify(text.slice(0, 80))
}
