/**
 * What can be said of a request whose key cannot be judged: each member for itself, and only where it is what it should be.
 *
 * Nothing is judged by it; it is for the record that somebody was refused. Pure.
 */
import {z} from 'zod'
import type {PodAsk} from './pod-ask.ts'
import {KeyMode, KeyNamespace, KeyUid, MAX_IMAGES, type KeyedAsk} from './request-key.ts'

export interface UnreadKey {
  readonly mode: KeyedAsk['mode']
  readonly ask: Omit<PodAsk, 'images'>
  /** `(more than 256 images)`: there is no name to record. */
  readonly images: string
}

const Text = z.string().catch('')
const Names = z.array(z.unknown()).catch([])

const Readable = z.looseObject({
  mode: KeyMode.catch('admission'),
  uid: KeyUid,
  op: z.enum(['CREATE', 'UPDATE']).catch('CREATE'),
  sub: z.literal('ephemeralcontainers').optional().catch(undefined),
  dryRun: z.boolean().catch(false),
  user: Text,
  arn: Names,
  groups: Names,
  ns: KeyNamespace.catch(''),
  kind: Text,
  name: Text,
  objectUid: Text,
  owners: Names,
  images: Names,
})
const Owner = z.looseObject({kind: z.string(), name: z.string()})

/** @returns undefined where it cannot even be told which request it is: that could be anybody's */
export function readUnreadKey(key: string): UnreadKey | undefined {
  const parsed = Readable.safeParse(json(key))
  if (!parsed.success) return undefined
  const {mode, uid, op, sub, dryRun, user, arn, groups, ns, kind, name, objectUid, owners, images} = parsed.data
  if ((uid === '') !== (mode === 'audit')) return undefined
  const identity = arn.find(isText)
  return {
    mode,
    ask: {
      uid,
      user: user || undefined,
      ...(identity !== undefined && {arn: identity}),
      groups: groups.filter(isText),
      namespace: ns,
      operation: op,
      subresource: sub,
      dryRun,
      kind: kind || 'Pod',
      ...(name !== '' && {name}),
      ...(objectUid !== '' && {objectUid}),
      owners: owners.flatMap((owner) => Owner.safeParse(owner).data ?? []),
    },
    images: counted(images.length),
  }
}

function counted(images: number): string {
  if (images === 0) return '(no images)'
  return images > MAX_IMAGES ? `(more than ${MAX_IMAGES} images)` : `(${images} ${images === 1 ? 'image' : 'images'})`
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
