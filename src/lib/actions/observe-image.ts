/**
 * Fetches everything that a verdict is made from: platforms and attached bundles of each, checked against the policy's keys.
 *
 * What cannot be fetched is an error here, never an absence.
 */
import {AppError} from '../errors.ts'
import {sha256Hex} from '../evidence/record.ts'
import {Statement} from '../evidence/statement.ts'
import type {Attached, Observation} from '../policy/model.ts'
import type {Context, ImageStore, TrustedKey} from '../ports.ts'
import type {OpenImage} from './open-image.ts'

export const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json'

/** Whoever can push can attach: more than this is refused rather than read. */
const MAX_REFERRERS = 500
const MAX_BUNDLE_BYTES = 32 * 1024 * 1024
const MAX_ALL_BYTES = 256 * 1024 * 1024

export async function observeImage(open: OpenImage, repository: string, keys: readonly TrustedKey[], context: Context): Promise<Observation> {
  const verify = await context.verifyBundle()
  const attached = new Map<string, readonly Attached[]>()
  for (const {digest} of open.subjects) {
    const bundles = await readAttached(open.store, digest)
    attached.set(digest, bundles.map(({manifest, bundle}) => toAttached(manifest, bundle, verify(bundle, keys))))
  }
  return {digest: open.digest, repository, platforms: open.platforms.map(({platform, descriptor}) => ({platform, digest: descriptor.digest})), attached}
}

export interface AttachedBundle {
  /** Digest of the referrer manifest. */
  readonly manifest: string
  readonly bundle: Uint8Array
}

/**
 * Every Sigstore bundle attached to `digest`. The list of referrers is only a
 * hint: what counts is the fetched manifest, its subject and its type.
 * @throws AppError `registry.limit`, `registry.*`, `image.corrupt`
 */
export async function readAttached(store: ImageStore, digest: string): Promise<AttachedBundle[]> {
  const listed = await store.referrers(digest)
  if (listed.length > MAX_REFERRERS)
    throw new AppError('registry.limit', `${listed.length} artifacts are attached to ${digest}; at most ${MAX_REFERRERS} are read`)
  const bundles: AttachedBundle[] = []
  let bytes = 0
  for (const descriptor of listed) {
    const {json} = await store.resolve(descriptor.digest)
    const [layer] = json.layers ?? []
    if (json.subject?.digest !== digest || (json.artifactType ?? json.config?.mediaType) !== BUNDLE_TYPE || layer === undefined) continue
    if (layer.size > MAX_BUNDLE_BYTES) throw new AppError('registry.limit', `the bundle ${layer.digest} is ${layer.size} bytes; at most ${MAX_BUNDLE_BYTES} are read`)
    bytes += layer.size
    if (bytes > MAX_ALL_BYTES) throw new AppError('registry.limit', `the bundles attached to ${digest} are more than ${MAX_ALL_BYTES} bytes`)
    bundles.push({manifest: descriptor.digest, bundle: await store.blob(layer)})
  }
  return bundles
}

function toAttached(manifest: string, bundle: Uint8Array, check: ReturnType<Awaited<ReturnType<Context['verifyBundle']>>>): Attached {
  if (check.state === 'failed') return {...check, manifest}
  const statement = Statement.safeParse(check.statement)
  if (!statement.success) return {state: 'failed', manifest, reason: 'attestation.invalid', message: 'the signed payload is not an in-toto statement'}
  return {state: 'verified', manifest, bundle: sha256Hex(bundle), spki: check.spki, statement: statement.data}
}
