/**
 * One repository of a registry, or one layout, in memory.
 *
 * Promise: what is put comes back under its digest, and nothing else does; a
 * manifest with a subject is among the referrers of that subject at once; a tag
 * means its newest manifest; more referrers than are safe to read are
 * `referrers.too-many`; what is not there is `image.not-found` (manifest)
 * or `image.corrupt` (blob); what does not match its digest is `image.corrupt`.
 * Beyond that a test may lie: `objects`, `tags` and `listed` are its to change.
 */
import {AppError} from '../../src/lib/errors.ts'
import {digestOf, parseManifest} from '../../src/lib/images/manifest.ts'
import type {Descriptor, ImageStore, ManifestContent} from '../../src/lib/ports/images.ts'
import {checkCount} from '../../src/lib/registry/referrer-count.ts'

export interface MemoryImageStore extends ImageStore {
  /** Blobs and manifests by digest. */
  readonly objects: Map<string, Uint8Array>
  readonly tags: Map<string, string>
  /** Entries of the list of referrers that no manifest stands behind. */
  readonly listed: Descriptor[]
  /** Every call of `resolve`. */
  readonly resolved: string[]
}

export function memoryImageStore({repository, kind = 'registry'}: {repository?: string; kind?: 'registry' | 'layout'} = {}): MemoryImageStore {
  const objects = new Map<string, Uint8Array>()
  const manifests = new Map<string, ManifestContent>()
  const tags = new Map<string, string>()
  const listed: Descriptor[] = []
  const resolved: string[] = []
  const location = repository ?? '/memory/layout'

  const read = (descriptor: Descriptor): Uint8Array => {
    const bytes = objects.get(descriptor.digest)
    if (bytes === undefined) throw new AppError('image.corrupt', `the blob ${descriptor.digest} is missing in ${location}`)
    if (digestOf(bytes) !== descriptor.digest || bytes.byteLength !== descriptor.size)
      throw new AppError('image.corrupt', `the blob ${descriptor.digest} does not match its digest`)
    return bytes
  }
  const put = (bytes: Uint8Array): Descriptor => {
    const digest = digestOf(bytes)
    objects.set(digest, Uint8Array.from(bytes))
    return {mediaType: 'application/octet-stream', digest, size: bytes.byteLength}
  }

  return {
    kind,
    repository: kind === 'layout' ? undefined : repository,
    location,
    objects,
    tags,
    listed,
    resolved,
    async resolve(reference) {
      resolved.push(reference)
      const only = kind === 'layout' && reference === '' ? [...manifests.values()].find(({json}) => json.subject === undefined)?.descriptor.digest : undefined
      const digest = only ?? (reference.startsWith('sha256:') ? reference : tags.get(reference))
      const bytes = digest === undefined ? undefined : objects.get(digest)
      const known = digest === undefined ? undefined : manifests.get(digest)
      // In a layout a manifest is a blob like any other; a registry keeps them apart.
      if (digest === undefined || bytes === undefined || (known === undefined && kind === 'registry'))
        throw new AppError('image.not-found', `there is no ${reference} in ${location}`)
      if (digestOf(bytes) !== digest) throw new AppError('image.corrupt', `the manifest ${digest} does not match its digest`)
      return parseManifest(bytes, known?.descriptor.mediaType)
    },
    blob: async (descriptor) => read(descriptor),
    async *streamBlob(descriptor) {
      yield read(descriptor)
    },
    async referrers(digest) {
      const found = [...listed, ...[...manifests.values()].filter(({json}) => json.subject?.digest === digest).map(({descriptor}) => descriptor)]
      checkCount(found.length, digest)
      return found
    },
    pushBlob: async (bytes) => put(bytes),
    async pushBlobStream(descriptor, source) {
      if (objects.has(descriptor.digest)) return 'present'
      const parts: Uint8Array[] = []
      for await (const part of source()) parts.push(part)
      put(Buffer.concat(parts))
      return 'written'
    },
    async pushManifest(bytes, mediaType, tag) {
      const content = parseManifest(bytes, mediaType)
      put(bytes)
      manifests.set(content.descriptor.digest, content)
      if (tag !== undefined) tags.set(tag, content.descriptor.digest)
      return content.descriptor
    },
    linkReferrers: async () => undefined,
  }
}
