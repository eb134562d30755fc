/** The tags that a promotion writes: read before anything else is done, and written last. */
import {AppError} from '../../errors.ts'
import {isTag} from '../../images/reference.ts'
import type {ImageStore, ManifestContent} from '../../ports/images.ts'

export interface PromotionTag {
  readonly tag: string
  /** What it names as yet; undefined where it names nothing. */
  readonly was?: string
}

/** As names of the fallback list of referrers, these belong to registries without the referrers API. */
const RESERVED = /^sha256-[0-9a-f]{64}/

/** Those that were asked for, else one out of the digest. @throws AppError `usage.flag` */
export function wantedTags(given: readonly string[], digest: string): string[] {
  const bad = given.find((tag) => !isTag(tag) || RESERVED.test(tag))
  if (bad !== undefined) throw new AppError('usage.flag', `${JSON.stringify(bad)} cannot be a tag of a promoted image`)
  return given.length > 0 ? [...new Set(given)] : [`promoted-${digest.replace(/^sha256:/, '').slice(0, 12)}`]
}

/**
 * What they name now.
 * @param mayMove tags that name another image may be moved
 * @throws AppError `promotion.tag-taken`, `registry.*`
 */
export async function readTags(tags: readonly string[], digest: string, store: ImageStore, mayMove: boolean): Promise<PromotionTag[]> {
  const found = await Promise.all(tags.map(async (tag) => ({tag, was: await digestOf(tag, store)})))
  const taken = found.filter(({was}) => was !== undefined && was !== digest)
  if (taken.length > 0 && !mayMove)
    throw new AppError('promotion.tag-taken', taken.map(({tag, was}) => `the tag ${tag} of ${store.location} names ${was}`).join('; '))
  return found.map(({tag, was}) => ({tag, ...(was !== undefined && {was})}))
}

/** Those that do not name it yet. */
export function pending(tags: readonly PromotionTag[], digest: string): PromotionTag[] {
  return tags.filter(({was}) => was !== digest)
}

/** Looked at once more: writing the record takes its time too, and what it says of a tag has to be true. @throws AppError `promotion.tag-taken`, `registry.*` */
export async function writeTags(tags: readonly PromotionTag[], {bytes, descriptor}: ManifestContent, store: ImageStore): Promise<void> {
  for (const {tag, was} of pending(tags, descriptor.digest)) {
    // oxlint-disable-next-line no-await-in-loop -- in the order in which they were given
    const now = await digestOf(tag, store)
    if (now === descriptor.digest) continue
    if (now !== was) throw new AppError('promotion.tag-taken', `the tag ${tag} of ${store.location} was moved meanwhile, to ${now ?? 'nothing'}`)
    // oxlint-disable-next-line no-await-in-loop -- the same
    await store.pushManifest(bytes, descriptor.mediaType, tag)
  }
}

async function digestOf(tag: string, store: ImageStore): Promise<string | undefined> {
  try {
    return (await store.resolve(tag)).descriptor.digest
  } catch (error) {
    if (error instanceof AppError && error.code === 'image.not-found') return undefined
    throw error
  }
}
