/**
 * A Kubernetes AdmissionReview (admission.k8s.io/v1) about a pod, read strictly
 * where a verdict hangs on it: what is of the wrong shape is refused, never
 * taken for "no images". Members that nobody asks for are let through, and
 * nulls stand for nothing, as Go writes them.
 */
import {z} from 'zod'
import {AppError} from '../errors.ts'

/** Object and old object of the largest pod that an API server takes, with room. */
const MAX_REVIEW_BYTES = 8 * 1024 * 1024

const Text = z.string().max(4_096)
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .max(1_000)
    .nullish()
    .transform((items) => items ?? [])

const Container = z.looseObject({image: Text.nullish()})
const Volume = z.looseObject({image: z.looseObject({reference: Text.nullish()}).nullish()})
const Owner = z.looseObject({kind: Text, name: Text})

const Pod = z.looseObject({
  kind: z.literal('Pod').nullish(),
  metadata: z.looseObject({namespace: Text.nullish(), name: Text.nullish(), uid: Text.nullish(), ownerReferences: list(Owner)}),
  spec: z.looseObject({containers: list(Container), initContainers: list(Container), ephemeralContainers: list(Container), volumes: list(Volume)}),
})
export type Pod = z.infer<typeof Pod>

const Envelope = z.looseObject({apiVersion: z.unknown().optional(), kind: z.unknown().optional(), request: z.unknown().optional()})

const Request = z.looseObject({
  uid: z.string().regex(/^[0-9A-Za-z-]{1,128}$/, 'must be a uid'),
  resource: z.looseObject({group: z.string().nullish(), resource: Text}),
  subResource: Text.nullish(),
  namespace: z
    .string()
    .max(63)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be the name of a namespace'),
  operation: Text,
  userInfo: z.looseObject({username: Text.nullish(), groups: list(Text)}),
  object: z.unknown().optional(),
  oldObject: z.unknown().optional(),
  dryRun: z.boolean().nullish(),
})

/** What a verdict needs of the request. */
export interface PodRequest {
  readonly uid: string
  readonly user: string | undefined
  readonly groups: readonly string[]
  readonly namespace: string
  readonly operation: 'CREATE' | 'UPDATE'
  readonly subresource: 'ephemeralcontainers' | undefined
  readonly dryRun: boolean
  readonly pod: Pod
  /** Only of an UPDATE. */
  readonly oldPod: Pod | undefined
}

/** @throws AppError `usage.input` */
export function parseReview(bytes: Uint8Array): PodRequest {
  const request = readShape(Request, readRequest(bytes), 'request')
  const subresource = request.subResource || undefined
  const what = [request.resource.resource, subresource].filter((part) => part !== undefined).join('/')
  if ((request.resource.group ?? '') !== '' || request.resource.resource !== 'pods')
    throw refused(`the review is about ${show(what)}, and only pods are judged`)
  if (subresource !== undefined && subresource !== 'ephemeralcontainers') throw refused(`the review is about ${show(what)}, which brings no images`)
  const {operation} = request
  if (operation !== 'CREATE' && operation !== 'UPDATE') throw refused(`the operation is ${show(operation)}, and only CREATE and UPDATE bring images`)

  const pod = readShape(Pod, request.object, 'request.object')
  const {namespace} = pod.metadata
  if (namespace && namespace !== request.namespace) throw refused(`the pod is of the namespace ${show(namespace)}, the request of ${show(request.namespace)}`)
  const old = operation === 'UPDATE' && request.oldObject !== null && request.oldObject !== undefined
  return {
    uid: request.uid,
    user: request.userInfo.username || undefined,
    groups: request.userInfo.groups,
    namespace: request.namespace,
    operation,
    subresource,
    dryRun: request.dryRun ?? false,
    pod,
    oldPod: old ? readShape(Pod, request.oldObject, 'request.oldObject') : undefined,
  }
}

function readRequest(bytes: Uint8Array): unknown {
  if (bytes.byteLength > MAX_REVIEW_BYTES) throw refused(`the review is ${bytes.byteLength} bytes; at most ${MAX_REVIEW_BYTES} are read`)
  const review = readShape(Envelope, parseJson(bytes), '')
  if (review.kind !== 'AdmissionReview') {
    throw refused(`this is ${typeof review.kind === 'string' ? `a ${show(review.kind)}` : 'an object without a kind'}, not an AdmissionReview`, {
      fix: 'Give what the API server sends to a webhook: {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": …, "object": <the pod>, …}}.',
    })
  }
  if (review.apiVersion !== 'admission.k8s.io/v1') throw refused(`the AdmissionReview is of ${show(review.apiVersion)}, and only admission.k8s.io/v1 is read`)
  if (review.request === undefined || review.request === null) throw refused('the AdmissionReview has no request; it may be an answer')
  return review.request
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(bytes))
  } catch (cause) {
    throw new AppError('usage.input', 'the review is not JSON', {cause, fix: 'Give an AdmissionReview as JSON; YAML is not read.'})
  }
}

function readShape<T extends z.ZodType>(schema: T, value: unknown, at: string): z.infer<T> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const place = [at, ...(issue?.path ?? []).map(String)].filter((part) => part !== '').join('.')
  throw refused(`${place || 'the review'}: ${issue?.message ?? 'is of the wrong shape'}`)
}

function refused(message: string, options: {fix?: string} = {}): AppError {
  return new AppError('usage.input', message, options)
}

/** Somebody else's text in a message: quoted, and short. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
