/**
 * Copies an image by digest from one store into another: index children and,
 * if asked, everything attached to it. Bytes stay as they are, so digests and
 * signatures do too. Copying twice changes nothing.
 */
import {AppError} from '../errors.ts'
import type {Descriptor, ImageStore, ManifestContent} from '../ports/images.ts'

export interface CopyOptions {
  /** Copy what is attached too, and what is attached to that. */
  readonly referrers: boolean
  /** Name the copy so. */
  readonly tag?: string
}

export interface CopyResult {
  readonly descriptor: Descriptor
  /** Digests of attached manifests that were copied. */
  readonly referrers: readonly string[]
  /** Listed as attached, but not in the source any more. */
  readonly dangling: readonly string[]
  /** Bytes that had to be moved. */
  readonly bytes: number
}

/** Indexes in indexes and attachments of attachments end here: nobody builds that. */
const DEPTH_MAX = 8

/** @throws AppError `image.*`, `registry.*` */
export async function copyImage(source: ImageStore, sink: ImageStore, digest: string, options: CopyOptions): Promise<CopyResult> {
  const copy = new ImageCopy(source, sink, options.referrers)
  const descriptor = await copy.tree(digest, 0, (content) => sink.pushManifest(content.bytes, content.descriptor.mediaType, options.tag))
  return {descriptor, referrers: [...copy.referrers], dangling: [...copy.dangling], bytes: copy.bytes}
}

type Push = (content: ManifestContent) => Promise<unknown>

class ImageCopy {
  readonly referrers = new Set<string>()
  readonly dangling = new Set<string>()
  bytes = 0
  readonly #source: ImageStore
  readonly #sink: ImageStore
  readonly #withReferrers: boolean
  readonly #seen = new Set<string>()

  constructor(source: ImageStore, sink: ImageStore, withReferrers: boolean) {
    this.#source = source
    this.#sink = sink
    this.#withReferrers = withReferrers
  }

  /** Parts first, then the manifest itself: at no time does the sink name what it does not hold. */
  async tree(digest: string, depth: number, push: Push): Promise<Descriptor> {
    if (depth > DEPTH_MAX) throw new AppError('registry.limit', `the image has more than ${DEPTH_MAX} levels at ${digest}`)
    const content = await this.#source.resolve(digest)
    this.#seen.add(digest)
    for (const child of content.json.manifests ?? []) {
      if (!this.#seen.has(child.digest)) await this.tree(child.digest, depth + 1, (part) => this.#pushPart(part))
    }
    for (const blob of [content.json.config, ...(content.json.layers ?? [])]) {
      if (blob !== undefined) await this.#blob(blob)
    }
    await push(content)
    if (this.#withReferrers) await this.#attached(content.descriptor, depth)
    return content.descriptor
  }

  /** In a layout a manifest is one more blob; listing a child in index.json would make it an image of its own. */
  async #pushPart({bytes, descriptor}: ManifestContent): Promise<void> {
    await (this.#sink.kind === 'layout' ? this.#sink.pushBlob(bytes) : this.#sink.pushManifest(bytes, descriptor.mediaType))
  }

  async #blob(descriptor: Descriptor): Promise<void> {
    if (this.#seen.has(descriptor.digest)) return
    const outcome = await this.#sink.pushBlobStream(descriptor, () => this.#source.streamBlob(descriptor))
    if (outcome === 'written') this.bytes += descriptor.size
    this.#seen.add(descriptor.digest)
  }

  async #attached(subject: Descriptor, depth: number): Promise<void> {
    for (const listed of await this.#source.referrers(subject.digest)) {
      if (this.referrers.has(listed.digest)) continue
      const content = await this.#resolveListed(listed)
      // The list is a hint; only the manifest's own subject counts.
      if (content?.json.subject?.digest !== subject.digest) continue
      if (!this.#seen.has(listed.digest)) await this.tree(listed.digest, depth + 1, (part) => this.#pushPart(part))
      await this.#sink.linkReferrer(subject, content.descriptor)
      this.referrers.add(listed.digest)
    }
  }

  async #resolveListed(listed: Descriptor): Promise<ManifestContent | undefined> {
    try {
      return await this.#source.resolve(listed.digest)
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'image.not-found') throw error
      this.dangling.add(listed.digest)
      return undefined
    }
  }
}
