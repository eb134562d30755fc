/**
 * What is attached to a digest: the referrers API, else the fallback tag
 * `sha256-<hex>` (distribution-spec 1.1, listing referrers). The lists are
 * hints: some registries fill them wrongly, so callers judge by the manifests.
 * Reading ends at the first page that exceeds the number which is safe to read.
 */
import {AppError} from '../errors.ts'
import {MEDIA_TYPES, isIndex, parseManifest} from '../images/manifest.ts'
import type {Descriptor} from '../ports/images.ts'
import {getTagged, type TaggedManifest} from './manifests.ts'
import {sameOrigin} from './origin.ts'
import {checkCount, tooMany} from './referrer-count.ts'
import type {Reply} from './reply.ts'
import type {Repository} from './repository.ts'

export interface ReferrerList {
  /** False: the list is the index under the fallback tag. */
  readonly api: boolean
  readonly manifests: readonly Descriptor[]
}

/** The index under the fallback tag. */
export interface FallbackList {
  readonly exists: boolean
  readonly manifests: readonly Descriptor[]
  readonly etag: string | undefined
}

/** @throws AppError `referrers.too-many`; `registry.*` for every answer that is not clearly a list or clearly none */
export async function listReferrers(repository: Repository, digest: string): Promise<ReferrerList> {
  const manifests = (await readPages(repository, digest)) ?? undefined
  if (manifests !== undefined) return {api: true, manifests}
  return {api: false, manifests: (await readFallback(repository, digest)).manifests}
}

export function fallbackTag(digest: string): string {
  return digest.replace(':', '-')
}

/** @throws AppError `registry.protocol`, `referrers.too-many` */
export async function readFallback(repository: Repository, digest: string): Promise<FallbackList> {
  const tag = fallbackTag(digest)
  const found = await getFallback(repository, digest, tag)
  if (found === undefined) return {exists: false, manifests: [], etag: undefined}
  const {content, etag} = found
  if (!isIndex(content.json)) throw new AppError('registry.protocol', `the tag ${tag} of ${repository.name} is not a list of what is attached`)
  const manifests = content.json.manifests ?? []
  checkCount(manifests.length, digest, repository.client.settings.referrersMax)
  return {exists: true, manifests, etag}
}

async function getFallback(repository: Repository, digest: string, tag: string): Promise<TaggedManifest | undefined> {
  try {
    return await getTagged(repository, tag)
  } catch (error) {
    throw isTooLarge(error) ? tooMany(digest, 'too many', error) : error
  }
}

/** undefined where the registry has no referrers API. */
async function readPages(repository: Repository, digest: string): Promise<readonly Descriptor[] | undefined> {
  const {settings} = repository.client
  const manifests: Descriptor[] = []
  const seen = new Set<string>()
  let bytesLeft = settings.listMax
  let url: URL | undefined = repository.url(`referrers/${digest}`)
  while (url !== undefined) {
    if (seen.has(url.href) || seen.size >= settings.pagesMax)
      throw new AppError('registry.limit', `${repository.name} lists what is attached to ${digest} without end`)
    seen.add(url.href)
    const page: Page | undefined = await readPage(repository, url, digest, bytesLeft).catch((error: unknown) => {
      throw isTooLarge(error) ? tooMany(digest, 'too many', error) : error
    })
    if (page === undefined) {
      if (seen.size > 1) throw new AppError('registry.protocol', `${repository.name} lost a page of what is attached to ${digest}`)
      return undefined
    }
    bytesLeft -= page.bytes
    manifests.push(...page.manifests)
    checkCount(manifests.length, digest, settings.referrersMax)
    url = page.next
  }
  return manifests
}

interface Page {
  readonly manifests: readonly Descriptor[]
  readonly bytes: number
  readonly next: URL | undefined
}

async function readPage(repository: Repository, url: URL, digest: string, max: number): Promise<Page | undefined> {
  const what = `what is attached to ${digest}`
  return repository.client.operation(async (deadline) => {
    // A registry without this API may say so with its web server's page.
    const ask = {method: 'GET', url, what, answers: [200, 404], pages: [404], headers: {accept: MEDIA_TYPES.index}} as const
    const reply = await repository.client.send(ask, deadline)
    if (reply.status === 404) {
      await reply.drop()
      return undefined
    }
    if (reply.contentType !== MEDIA_TYPES.index) {
      await reply.drop()
      throw new AppError('registry.protocol', `${reply.url.host} sent ${what} as ${reply.contentType || 'no type'}`)
    }
    const bytes = await reply.bytes(max, what)
    return {manifests: readList(bytes, what, reply.url.host), bytes: bytes.byteLength, next: nextPage(reply, url)}
  })
}

function readList(bytes: Uint8Array, what: string, host: string): readonly Descriptor[] {
  try {
    return parseManifest(bytes, MEDIA_TYPES.index).json.manifests ?? []
  } catch (error) {
    throw new AppError('registry.protocol', `${host} sent ${what} in a form that cannot be read`, {cause: error})
  }
}

/** RFC 8288: `<address>; rel="next"`. */
function nextPage(reply: Reply, base: URL): URL | undefined {
  const [, address] = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(reply.header('link') ?? '') ?? []
  return address === undefined ? undefined : sameOrigin(address, base)
}

/** A list of so many bytes is a list of too many entries. */
function isTooLarge(error: unknown): boolean {
  return error instanceof AppError && error.code === 'registry.limit'
}
