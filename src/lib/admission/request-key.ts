/**
 * The key by which our constraint asks the provider: one JSON text for each request, made by Rego's `json.marshal`, which
 * sorts members. It holds the request's uid, so no cache between can answer for another request.
 *
 * In Gatekeeper's audit there is neither uid nor user, and all replicas of the same images share one key.
 */
import {z} from 'zod'
import {AppError} from '../errors.ts'
import type {PodAsk} from './pod-ask.ts'

/** Bytes: an API server takes no object beyond 3 MiB, and a key says less. */
const MAX_KEY = 1024 * 1024
/** More is not judged: every image may cost a registry call. */
const MAX_IMAGES = 256

const Text = z.string().max(4_096)
const Image = z.strictObject({path: Text, image: Text})

const Key = z.strictObject({
  v: z.literal(1),
  /** `audit`: of what runs already. `advice`: about what makes pods, and nothing is kept out. */
  mode: z.enum(['admission', 'advice', 'audit']),
  uid: z.string().regex(/^[0-9A-Za-z-]{0,128}$/, 'must be a uid'),
  op: z.enum(['CREATE', 'UPDATE', '']),
  sub: z.enum(['', 'ephemeralcontainers']),
  dryRun: z.boolean(),
  user: Text,
  arn: z.array(Text).max(16),
  groups: z.array(Text).max(1_000),
  ns: z
    .string()
    .max(63)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be the name of a namespace'),
  kind: Text,
  name: Text,
  objectUid: Text,
  owners: z.array(z.strictObject({kind: Text, name: Text})).max(64),
  images: z.array(Image).min(1, 'the pod names no image').max(MAX_IMAGES),
  /** What the old object runs; only of an UPDATE. */
  old: z.array(Text).max(1_000),
})

export interface KeyedAsk {
  readonly mode: 'admission' | 'advice' | 'audit'
  readonly ask: PodAsk
}

/** @throws AppError `admission.key` */
export function parseRequestKey(key: string): KeyedAsk {
  if (Buffer.byteLength(key) > MAX_KEY) throw refused(`it is ${Buffer.byteLength(key)} bytes; at most ${MAX_KEY} are read`)
  const parsed = Key.safeParse(json(key))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw refused(`${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'is of the wrong shape'}`)
  }
  const {mode, uid, op, sub, dryRun, user, arn, groups, ns, kind, name, objectUid, owners, images, old} = parsed.data
  if ((uid === '') !== (mode === 'audit')) throw refused(mode === 'audit' ? 'an audit has no uid' : 'it has no uid, so it could be somebody else’s')
  const running = new Set(op === 'UPDATE' ? old : [])
  return {
    mode,
    ask: {
      uid,
      user: user || undefined,
      ...(arn[0] !== undefined && {arn: arn[0]}),
      groups,
      namespace: ns,
      operation: op === 'UPDATE' ? 'UPDATE' : 'CREATE',
      subresource: sub || undefined,
      dryRun,
      kind: kind || 'Pod',
      ...(name !== '' && {name}),
      ...(objectUid !== '' && {objectUid}),
      owners,
      images: images.map(({path, image}) => ({path, image, unchanged: image !== '' && running.has(image)})),
    },
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw refused('it is not JSON', cause)
  }
}

function refused(why: string, cause?: unknown): AppError {
  return new AppError('admission.key', `the key of a request cannot be judged: ${why}`, {cause})
}
