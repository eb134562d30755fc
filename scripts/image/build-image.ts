/**
 * OCI images without Docker, from files in memory; equal input gives equal
 * digests. For the demo and the tests: layers are held in memory.
 */
import {gzipSync} from 'node:zlib'
import {MEDIA_TYPES, digestOf} from '../../src/lib/images/manifest.ts'
import type {Descriptor, ImageStore} from '../../src/lib/ports/images.ts'
import {createLayout} from '../../src/lib/registry/layout.ts'
import {tar, type FileMap} from './tar.ts'

export interface ImageInput {
  /** `linux/amd64`, `linux/arm/v7`. */
  readonly platform: string
  readonly layers: readonly {readonly files: FileMap}[]
  /** `config` of the image configuration: User, Cmd, Env … */
  readonly config?: Readonly<Record<string, unknown>>
}

export interface OciImage {
  /** Of the manifest or index. */
  readonly descriptor: Descriptor
  /** Manifest or index included. */
  readonly bytes: Uint8Array
  /** By digest: config and layers. */
  readonly blobs: ReadonlyMap<string, Uint8Array>
  /** Of an index. */
  readonly children: readonly OciImage[]
}

const EPOCH = '1970-01-01T00:00:00Z'

export function buildImage({platform, layers, config = {}}: ImageInput): OciImage {
  const [os = '', architecture = '', variant] = platform.split('/')
  const blobs = new Map<string, Uint8Array>()
  const add = (bytes: Uint8Array, mediaType: string): Descriptor => {
    const descriptor = {mediaType, digest: digestOf(bytes), size: bytes.byteLength}
    blobs.set(descriptor.digest, bytes)
    return descriptor
  }
  const tars = layers.map(({files}) => tar(files))
  const layerDescriptors = tars.map((bytes) => add(gzip(bytes), MEDIA_TYPES.layer))
  const configDescriptor = add(
    json({
      created: EPOCH,
      architecture,
      os,
      ...(variant === undefined ? {} : {variant}),
      config,
      rootfs: {type: 'layers', diff_ids: tars.map((bytes) => digestOf(bytes))},
      history: tars.map((_, layer) => ({created: EPOCH, created_by: `synthetic layer ${layer + 1}`})),
    }),
    MEDIA_TYPES.config,
  )
  const bytes = json({schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, config: configDescriptor, layers: layerDescriptors})
  const described = {mediaType: MEDIA_TYPES.manifest, digest: digestOf(bytes), size: bytes.byteLength}
  return {descriptor: {...described, platform: {os, architecture, ...(variant === undefined ? {} : {variant})}}, bytes, blobs, children: []}
}

/** An index of images for several platforms. */
export function buildIndex(children: readonly OciImage[]): OciImage {
  const bytes = json({schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: children.map(({descriptor}) => descriptor)})
  return {descriptor: {mediaType: MEDIA_TYPES.index, digest: digestOf(bytes), size: bytes.byteLength}, bytes, blobs: new Map(), children}
}

/** Into a registry or a layout. @returns the digest */
export async function pushImage(store: ImageStore, image: OciImage, tag?: string): Promise<string> {
  await pushParts(store, image)
  await store.pushManifest(image.bytes, image.descriptor.mediaType, tag)
  return image.descriptor.digest
}

/** An OCI layout folder, made if need be. @returns the digest */
export async function writeLayout(path: string, image: OciImage, {tag}: {readonly tag?: string} = {}): Promise<string> {
  return pushImage(await createLayout(path), image, tag)
}

async function pushParts(store: ImageStore, image: OciImage): Promise<void> {
  for (const child of image.children) {
    await pushParts(store, child)
    // In a layout a child is a blob; only the index stands in index.json.
    await (store.kind === 'layout' ? store.pushBlob(child.bytes) : store.pushManifest(child.bytes, child.descriptor.mediaType))
  }
  for (const bytes of image.blobs.values()) await store.pushBlob(bytes)
}

/** The header's operating system is set to "unknown": zlib would write ours. */
export function gzip(bytes: Uint8Array): Uint8Array {
  const zipped = gzipSync(bytes, {level: 6})
  zipped[9] = 0xff
  return zipped
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}
