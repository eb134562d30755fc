/**
 * Copies an image by digest from one store into another: index children and,
 * if asked, everything attached to it: referrers, and what Cosign 2 keeps under
 * tags made from the digest. Bytes stay as they are, so digests and
 * signatures do too. What the sink has is not sent again, so a copy that broke
 * off is finished by copying again.
 */
import {AppError} from '../errors.ts'
import type {Descriptor, ImageStore, Manifest, ManifestContent, PushOutcome} from '../ports/images.ts'

export interface CopyOptions {
  /** Copy what is attached too, and what is attached to that. */
  readonly referrers: boolean
  /** Name the copy so. */
  readonly tag?: string
  /** Told after each part. */
  readonly onPart?: (part: CopiedPart) => void
}

export interface CopiedPart {
  readonly kind: 'blob' | 'manifest' | 'referrer'
  readonly digest: string
  /** Bytes. */
  readonly size: number
  readonly outcome: PushOutcome
}

export interface CopyResult {
  readonly descriptor: Descriptor
  /** Digests of attached manifests that the sink now has and lists. */
  readonly referrers: readonly string[]
  /** Bytes of layers and configurations that had to be moved. */
  readonly bytes: number
}

/** Indexes in indexes and attachments of attachments end here: nobody builds that. */
const DEPTH_MAX = 8

/** @throws AppError `image.*`; `registry.*`, of them `registry.protocol` where something listed as attached is gone */
export async function copyImage(source: ImageStore, sink: ImageStore, digest: string, options: CopyOptions): Promise<CopyResult> {
  const copy = new ImageCopy(source, sink, options)
  const descriptor = await copy.image(digest)
  return {descriptor, referrers: [...copy.referrers], bytes: copy.bytes}
}

/** Signatures and statements of Cosign 2. */
const TAG_ENDINGS = ['.sig', '.att']

type Push = (content: ManifestContent) => Promise<PushOutcome>

class ImageCopy {
  readonly referrers = new Set<string>()
  bytes = 0
  readonly #source: ImageStore
  readonly #sink: ImageStore
  readonly #options: CopyOptions
  readonly #seen = new Set<string>()

  constructor(source: ImageStore, sink: ImageStore, options: CopyOptions) {
    this.#source = source
    this.#sink = sink
    this.#options = options
  }

  async image(digest: string): Promise<Descriptor> {
    return this.#tree(digest, 0, 'manifest', async (content) => {
      await this.#sink.pushManifest(content.bytes, content.descriptor.mediaType, this.#options.tag)
      return 'written'
    })
  }

  /** Parts first, then the manifest itself: at no time does the sink name what it does not hold. */
  async #tree(digest: string, depth: number, kind: CopiedPart['kind'], push: Push): Promise<Descriptor> {
    if (depth > DEPTH_MAX) throw new AppError('registry.limit', `the image has more than ${DEPTH_MAX} levels at ${digest}`)
    const content = await this.#source.resolve(digest)
    this.#seen.add(digest)
    for (const child of content.json.manifests ?? []) {
      if (!this.#seen.has(child.digest)) await this.#tree(child.digest, depth + 1, 'manifest', (part) => this.#pushPart(part))
    }
    for (const blob of [content.json.config, ...(content.json.layers ?? [])]) {
      if (blob !== undefined) await this.#blob(blob)
    }
    this.#report(kind, content.descriptor, await push(content))
    if (this.#options.referrers) await this.#attached(content.descriptor, depth)
    if (this.#options.referrers && kind === 'manifest') for (const ending of TAG_ENDINGS) await this.#tagged(`${digest.replace(':', '-')}${ending}`, depth)
    return content.descriptor
  }

  /** In a layout a manifest is one more blob; listing a child in index.json would make it an image of its own. */
  async #pushPart({bytes, descriptor}: ManifestContent): Promise<PushOutcome> {
    if (await this.#holds(descriptor.digest)) return 'present'
    await (this.#sink.kind === 'layout' ? this.#sink.pushBlob(bytes) : this.#sink.pushManifest(bytes, descriptor.mediaType))
    return 'written'
  }

  async #holds(digest: string): Promise<boolean> {
    try {
      await this.#sink.resolve(digest)
      return true
    } catch (error) {
      // A damaged one in a layout is replaced; a registry that sends one is not to be trusted with another.
      if (error instanceof AppError && (error.code === 'image.not-found' || (error.code === 'image.corrupt' && this.#sink.kind === 'layout'))) return false
      throw error
    }
  }

  async #blob(descriptor: Descriptor): Promise<void> {
    if (this.#seen.has(descriptor.digest)) return
    const outcome = await this.#sink.pushBlobStream(descriptor, () => this.#source.streamBlob(descriptor), this.#source.repository)
    if (outcome === 'written') this.bytes += descriptor.size
    this.#seen.add(descriptor.digest)
    this.#report('blob', descriptor, outcome)
  }

  async #attached(subject: Descriptor, depth: number): Promise<void> {
    const attached = new Map<string, Descriptor>()
    for (const listed of await this.#source.referrers(subject.digest)) {
      if (this.referrers.has(listed.digest)) continue
      const content = await this.#resolveListed(listed, subject)
      // The list is a hint; only the manifest's own subject counts.
      if (content.json.subject?.digest !== subject.digest) continue
      if (!this.#seen.has(listed.digest)) await this.#tree(listed.digest, depth + 1, 'referrer', (part) => this.#pushPart(part))
      attached.set(listed.digest, content.descriptor)
    }
    if (attached.size > 0) await this.#sink.linkReferrers(subject, [...attached.values()])
    for (const digest of attached.keys()) this.referrers.add(digest)
  }

  /** Each new entry is one more layer. Where the sink has an entry that the source has not, it keeps what it has: the entry may be a refusal. */
  async #tagged(tag: string, depth: number): Promise<void> {
    const [source, sink] = await Promise.all([ifThere(this.#source, tag), ifThere(this.#sink, tag)])
    if (source === undefined || (sink !== undefined && !isAmong(sink.json, source.json))) return
    await this.#tree(source.descriptor.digest, depth + 1, 'referrer', async ({bytes, descriptor}) => {
      if (sink?.descriptor.digest === descriptor.digest) return 'present'
      await this.#sink.pushManifest(bytes, descriptor.mediaType, tag)
      return 'written'
    })
    this.referrers.add(source.descriptor.digest)
  }

  /** Gone since, or never there: a copy without it could hide a failure that was attached. */
  async #resolveListed(listed: Descriptor, subject: Descriptor): Promise<ManifestContent> {
    try {
      return await this.#source.resolve(listed.digest)
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'image.not-found') throw error
      const message = `${this.#source.location} lists ${listed.digest} as attached to ${subject.digest}, and does not have it`
      throw new AppError('registry.protocol', message, {cause: error, fix: 'Copy again; if it stays so, find out who removed it, and take it off the list.'})
    }
  }

  #report(kind: CopiedPart['kind'], {digest, size}: Descriptor, outcome: PushOutcome): void {
    this.#options.onPart?.({kind, digest, size, outcome})
  }
}

async function ifThere(store: ImageStore, reference: string): Promise<ManifestContent | undefined> {
  try {
    return await store.resolve(reference)
  } catch (error) {
    if (error instanceof AppError && error.code === 'image.not-found') return undefined
    throw error
  }
}

function isAmong({layers = []}: Manifest, {layers: all = []}: Manifest): boolean {
  const known = new Set(all.map(entryOf))
  return layers.every((layer) => known.has(entryOf(layer)))
}

/** The signature stands in the annotations. */
function entryOf({digest, annotations = {}}: Descriptor): string {
  return JSON.stringify([digest, annotations])
}
