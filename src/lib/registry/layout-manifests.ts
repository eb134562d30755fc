/** Finding manifests in an OCI layout: by name, by digest (listed or not), by what they are attached to. */
import {AppError} from '../errors.ts'
import {MANIFEST_MAX, MANIFEST_TYPES, digestOf, isIndex, parseManifest} from '../images/manifest.ts'
import {isDigest, isTag} from '../images/reference.ts'
import type {Descriptor, ManifestContent} from '../ports/images.ts'
import {blobPath} from './layout-blobs.ts'
import {readBounded} from './layout-files.ts'
import {nameOf, readIndex} from './layout-index.ts'
import {checkCount} from './referrer-count.ts'
import {fallbackTag} from './referrers.ts'

/**
 * @param reference a tag, a digest, or '' for the only image of the layout
 * @throws AppError `image.not-found`, `image.corrupt`, `image.unsupported`, `usage.target`
 */
export async function resolveInLayout(root: string, reference: string): Promise<ManifestContent> {
  const entries = await readEntries(root)
  if (isDigest(reference))
    return readManifest(
      root,
      reference,
      entries.find(({digest}) => digest === reference),
    )
  const found = reference === '' ? await onlyImage(root, entries) : entries.filter((entry) => nameOf(entry) === reference)
  const [entry] = found
  if (entry === undefined) throw new AppError('image.not-found', `there is no ${reference === '' ? 'image' : JSON.stringify(reference)} in ${root}`)
  if (new Set(found.map(({digest}) => digest)).size > 1) throw ambiguous(root, reference, found)
  return readManifest(root, entry.digest, entry)
}

/** Judged by the manifests themselves; an index under the fallback tag, as other tools leave it, counts too. @throws AppError `image.corrupt`, `referrers.too-many` */
export async function layoutReferrers(root: string, digest: string): Promise<readonly Descriptor[]> {
  const found = new Map<string, Descriptor>()
  for (const entry of await readEntries(root)) {
    if (!MANIFEST_TYPES.includes(entry.mediaType)) continue
    const content = await readManifest(root, entry.digest, entry)
    if (content.json.subject?.digest === digest) found.set(entry.digest, content.descriptor)
    if (nameOf(entry) === fallbackTag(digest)) for (const listed of content.json.manifests ?? []) found.set(listed.digest, listed)
    checkCount(found.size, digest)
  }
  return [...found.values()]
}

async function readEntries(root: string): Promise<readonly Descriptor[]> {
  return (await readIndex(root)).manifests
}

async function readManifest(root: string, digest: string, listed: Descriptor | undefined): Promise<ManifestContent> {
  const bytes = await readBounded(blobPath(root, digest), MANIFEST_MAX)
  if (bytes === undefined) {
    if (listed === undefined) throw new AppError('image.not-found', `there is no ${digest} in ${root}`)
    throw new AppError('image.corrupt', `the manifest ${digest} is missing in ${root}`)
  }
  const actual = digestOf(bytes)
  if (actual !== digest) throw new AppError('image.corrupt', `the manifest ${digest} in ${root} is in truth ${actual}`)
  if (listed !== undefined && listed.size !== bytes.byteLength)
    throw new AppError('image.corrupt', `the manifest ${digest} in ${root} is not of the size that index.json says`)
  return parseManifest(bytes, listed?.mediaType)
}

/** Everything listed that is neither an attachment nor a list of attachments. */
async function onlyImage(root: string, entries: readonly Descriptor[]): Promise<readonly Descriptor[]> {
  const images: Descriptor[] = []
  for (const entry of entries) {
    if (!MANIFEST_TYPES.includes(entry.mediaType)) continue
    const {json} = await readManifest(root, entry.digest, entry)
    if (json.subject === undefined && !isAttachment(nameOf(entry) ?? '', json)) images.push(entry)
  }
  return images
}

/** The list of what is attached, or one of Cosign 2's own tags. */
function isAttachment(name: string, json: ManifestContent['json']): boolean {
  return /^sha256-[0-9a-f]{64}$/.test(name) ? isIndex(json) : /^sha256-[0-9a-f]{64}\.(?:sig|att|sbom)$/.test(name)
}

/** Nothing protects a name in index.json: what is no tag is quoted. */
function shownName(entry: Descriptor): string | undefined {
  const name = nameOf(entry)
  return name === undefined || isTag(name) ? name : JSON.stringify(name.slice(0, 100))
}

function ambiguous(root: string, reference: string, found: readonly Descriptor[]): AppError {
  const choices = found.slice(0, 10).map((entry) => shownName(entry) ?? entry.digest)
  return new AppError(
    'usage.target',
    reference === '' ? `${root} holds more than one image: ${choices.join(', ')}` : `${root} has more than one image called ${JSON.stringify(reference)}`,
    {
      fix: `Name one: ${root}@${found[0]?.digest ?? 'sha256:…'}`,
    },
  )
}
