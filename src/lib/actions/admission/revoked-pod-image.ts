/** Is an image that a rule lists on the list of revocations, itself or any platform of it? A rule does not outlive a revocation. */
import {refusedFor, type ImageVerdict} from '../../admission/image-verdict.ts'
import type {PodImage} from '../../admission/pod-images.ts'
import {AppError, EXIT} from '../../errors.ts'
import {checkRevocation} from '../../policy/checks/revocation.ts'
import {INDEX_TYPES} from '../../images/manifest.ts'
import type {PinnedImage} from '../../policy/image-rules.ts'
import type {RevocationList} from '../../policy/model.ts'
import type {Context} from '../../ports/context.ts'
import type {ImageStore} from '../../ports/images.ts'

type Place = PodImage & PinnedImage

/** The refusal; undefined where nothing of it is revoked, or no list is configured. The registry is asked only where the list names other digests. */
export async function revokedPodImage(place: Place, revocations: RevocationList | undefined, now: Date, context: Context): Promise<ImageVerdict | undefined> {
  const refusal = revokedAmong([], place, revocations, now)
  if (refusal !== undefined || revocations?.state !== 'read' || revocations.revoked.size === 0) return refusal
  try {
    return revokedAmong(await childrenOf(place, context), place, revocations, now)
  } catch (error) {
    const [reason, message] = error instanceof AppError ? [error.code, error.message] : (['bug', `unexpected error: ${String(error)}`] as const)
    const isMissing = error instanceof AppError && error.exitCode === EXIT.missing
    return refusedFor(reason, message, place, isMissing ? 'failed' : 'could-not-check')
  }
}

function revokedAmong(children: readonly string[], place: Place, revocations: RevocationList | undefined, now: Date): ImageVerdict | undefined {
  const platforms = children.map((digest) => ({platform: digest, digest}))
  const check = checkRevocation({digest: place.digest, platforms, ...(revocations !== undefined && {revocations})}, now)
  if (check.reason === undefined) return undefined
  return refusedFor(check.reason, check.message, place, check.state === 'failed' ? 'failed' : 'could-not-check')
}

/** Of an index: whatever it names may run, and so may what an index within it names. */
async function childrenOf({repository, digest}: Place, context: Context): Promise<readonly string[]> {
  const target = await context.target(`registry:${repository}@${digest}`)
  if (target.kind !== 'registry') throw new AppError('bug', `${repository} is no repository of a registry`)
  return childrenIn(await context.images(target), digest)
}

async function childrenIn(store: ImageStore, digest: string): Promise<readonly string[]> {
  const children = (await store.resolve(digest)).json.manifests ?? []
  const inner = children.filter(({mediaType}) => INDEX_TYPES.includes(mediaType))
  return [...children.map((child) => child.digest), ...(await Promise.all(inner.map(async (index) => childrenIn(store, index.digest)))).flat()]
}
