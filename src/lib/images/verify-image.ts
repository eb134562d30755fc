/**
 * Hashes every part of an image before a scanner looks at it.
 *
 * Neither Trivy nor Syft checks the layers of an OCI layout on disk: a swapped
 * layer hides what it likes.
 */
import {AppError} from '../errors.ts'
import type {Descriptor, ImageStore, ManifestContent} from '../ports/images.ts'
import {isIndex} from './manifest.ts'
import {configPlatform, platformsOf, type PlatformImage} from './platforms.ts'

export interface VerifiedImage {
  readonly digest: string
  readonly mediaType: string
  /** In the order of the index; one entry for an image that is no index. */
  readonly platforms: readonly PlatformImage[]
  /** Digests of a builder's attestations inside the index: hashed, never scanned. */
  readonly attestations: readonly string[]
}

/**
 * @param digest of an image manifest or index
 * @throws AppError `image.corrupt`, `image.not-found`, `image.unsupported`, `registry.*`
 */
export async function verifyImage(store: ImageStore, digest: string): Promise<VerifiedImage> {
  const top = await store.resolve(digest)
  const done = new Set<string>()
  const result = {digest, mediaType: top.descriptor.mediaType}
  if (!isIndex(top.json)) return {...result, platforms: [{platform: await verifyManifest(store, top, done), digest}], attestations: []}
  const {platforms, attestations} = platformsOf(top.json)
  if (platforms.length === 0) throw new AppError('image.unsupported', `the index ${digest} has no image for any platform`)
  for (const {descriptor, platform} of platforms) {
    const said = await verifyManifest(store, await resolveChild(store, descriptor), done)
    // A variant may be left out on either side (arm64 is arm64/v8).
    if (said.split('/', 2).join('/') !== platform.split('/', 2).join('/')) {
      throw new AppError('image.unsupported', `the image ${descriptor.digest} is for ${said}, but its index says ${platform}`)
    }
  }
  for (const descriptor of attestations) await verifyBlobs(store, await resolveChild(store, descriptor), done)
  return {
    ...result,
    platforms: platforms.map((item) => ({platform: item.platform, digest: item.digest})),
    attestations: attestations.map((item) => item.digest),
  }
}

async function resolveChild(store: ImageStore, child: Descriptor): Promise<ManifestContent> {
  const content = await store.resolve(child.digest)
  if (isIndex(content.json)) throw new AppError('image.unsupported', `the index child ${child.digest} is an index itself`)
  if (content.descriptor.size !== child.size || content.descriptor.mediaType !== child.mediaType) {
    throw new AppError('image.corrupt', `the manifest ${child.digest} is not of the size or type that its index says`)
  }
  return content
}

/** @returns the platform that the image's own config states */
async function verifyManifest(store: ImageStore, content: ManifestContent, done: Set<string>): Promise<string> {
  await verifyBlobs(store, content, done)
  const {config} = content.json
  if (config === undefined) throw new AppError('image.unsupported', `the image ${content.descriptor.digest} has no config`)
  return configPlatform(await store.blob(config), content.descriptor.digest)
}

async function verifyBlobs(store: ImageStore, {json}: ManifestContent, done: Set<string>): Promise<void> {
  for (const descriptor of [...(json.config === undefined ? [] : [json.config]), ...(json.layers ?? [])]) {
    // By size too: the same digest under a false size must not slip through.
    const key = `${descriptor.digest} ${descriptor.size}`
    if (done.has(key)) continue
    for await (const chunk of store.streamBlob(descriptor)) void chunk
    done.add(key)
  }
}
