/**
 * Fetches everything that a verdict is made from: platforms and attached bundles of each, checked against the policy's keys.
 *
 * What cannot be fetched is an error here, never an absence.
 */
import {AppError} from '../errors.ts'
import {sha256Hex} from '../evidence/record.ts'
import {Statement} from '../evidence/statement.ts'
import type {Attached, Observation} from '../policy/model.ts'
import type {Context} from '../ports/context.ts'
import type {ImageStore, ManifestContent} from '../ports/images.ts'
import type {Trust, VerifySignature} from '../ports/signatures.ts'
import type {OpenImage} from './open-image.ts'

export const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json'

/** The store bounds their number; whoever can push can attach, so their bytes are bounded too. */
const MAX_BUNDLE_BYTES = 32 * 1024 * 1024
const MAX_ALL_BYTES = 256 * 1024 * 1024

export async function observeImage(open: OpenImage, repository: string, trust: Trust, context: Context): Promise<Observation> {
  const verify = await context.verifySignature()
  const attached = new Map<string, readonly Attached[]>()
  for (const {digest} of open.subjects) {
    const bundles = await readAttached(open.store, digest)
    attached.set(
      digest,
      bundles.map((item) => toAttached(item, verify, trust)),
    )
  }
  return {digest: open.digest, repository, platforms: open.platforms.map(({platform, descriptor}) => ({platform, digest: descriptor.digest})), attached}
}

export interface AttachedBundle {
  /** Digest of the referrer manifest. */
  readonly manifest: string
  /** Undefined where it is listed, and gone from the registry: it may have been anything. */
  readonly bundle: Uint8Array | undefined
}

/**
 * Every Sigstore bundle attached to `digest`. The list of referrers is only a
 * hint: what counts is the fetched manifest, its subject and its type.
 * @throws AppError `referrers.too-many`, `registry.limit`, `registry.*`, `image.corrupt`
 */
export async function readAttached(store: ImageStore, digest: string): Promise<AttachedBundle[]> {
  const listed = await store.referrers(digest)
  const bundles: AttachedBundle[] = []
  let bytes = 0
  for (const descriptor of listed) {
    const found = await resolveListed(store, descriptor.digest)
    if (found === undefined) {
      bundles.push({manifest: descriptor.digest, bundle: undefined})
      continue
    }
    const {json} = found
    const [layer] = json.layers ?? []
    if (json.subject?.digest !== digest || (json.artifactType ?? json.config?.mediaType) !== BUNDLE_TYPE || layer === undefined) continue
    if (layer.size > MAX_BUNDLE_BYTES)
      throw new AppError('registry.limit', `the bundle ${layer.digest} is ${layer.size} bytes; at most ${MAX_BUNDLE_BYTES} are read`)
    bytes += layer.size
    if (bytes > MAX_ALL_BYTES) throw new AppError('registry.limit', `the bundles attached to ${digest} are more than ${MAX_ALL_BYTES} bytes`)
    bundles.push({manifest: descriptor.digest, bundle: await store.blob(layer)})
  }
  return bundles
}

async function resolveListed(store: ImageStore, digest: string): Promise<ManifestContent | undefined> {
  try {
    return await store.resolve(digest)
  } catch (error) {
    if (error instanceof AppError && error.code === 'image.not-found') return undefined
    throw error
  }
}

function toAttached({manifest, bundle}: AttachedBundle, verify: VerifySignature, trust: Trust): Attached {
  if (bundle === undefined)
    return {state: 'failed', manifest, reason: 'attestation.unreadable', message: `the registry lists ${manifest} as attached, and does not have it`}
  const check = verify({form: 'bundle', bytes: bundle}, trust)
  if (check.state === 'failed') return {...check, manifest}
  const {signer, signedAt, content} = check
  const statement = content.kind === 'statement' ? Statement.safeParse(content.statement) : undefined
  if (statement?.success !== true) return {state: 'failed', manifest, reason: 'attestation.invalid', message: 'the signed payload is not an in-toto statement'}
  return {state: 'verified', manifest, bundle: sha256Hex(bundle), signer, ...(signedAt !== undefined && {signedAt}), statement: statement.data}
}
