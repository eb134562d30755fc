/**
 * Manifest and index bytes (image-spec 1.1 manifest.md, image-index.md; Docker v2 schema 2).
 *
 * A document that could be read as an image and as an index is refused
 * (CVE-2021-41190), and so is a media type that contradicts its carrier, and a
 * name that another reader would take for one of the specification's.
 */
import {createHash} from 'node:crypto'
import {z} from 'zod'
import {AppError} from '../errors.ts'
import {OciDigest} from '../evidence/primitives.ts'
import type {Descriptor, Manifest, ManifestContent} from '../ports/images.ts'
import {inexactName} from './exact-names.ts'

export const MEDIA_TYPES = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  empty: 'application/vnd.oci.empty.v1+json',
} as const

const IMAGES: readonly string[] = [MEDIA_TYPES.manifest, MEDIA_TYPES.dockerManifest]
export const INDEX_TYPES: readonly string[] = [MEDIA_TYPES.index, MEDIA_TYPES.dockerIndex]
export const MANIFEST_TYPES: readonly string[] = [...IMAGES, ...INDEX_TYPES]

/** What a manifest may weigh: the specification's limit for registries. */
export const MANIFEST_MAX = 4 * 1024 * 1024

const DescriptorShape = z.looseObject({
  mediaType: z.string().min(1).max(255),
  digest: OciDigest,
  size: z.int().min(0),
  artifactType: z.string().optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  platform: z.looseObject({os: z.string(), architecture: z.string(), variant: z.string().optional()}).optional(),
})

const ManifestShape = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  config: DescriptorShape.optional(),
  layers: z.array(DescriptorShape).optional(),
  manifests: z.array(DescriptorShape).optional(),
  subject: DescriptorShape.optional(),
  annotations: z.record(z.string(), z.string()).optional(),
})

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

export function isIndex(manifest: Manifest): boolean {
  return manifest.manifests !== undefined
}

/**
 * @param carried the media type that came along (Content-Type, descriptor), without parameters
 * @throws AppError `image.unsupported`
 */
export function parseManifest(bytes: Uint8Array, carried?: string): ManifestContent {
  const digest = digestOf(bytes)
  const json = readManifest(bytes, digest)
  const mediaType = json.mediaType ?? carried ?? (isIndex(json) ? MEDIA_TYPES.index : MEDIA_TYPES.manifest)
  if (carried !== undefined && carried !== mediaType) throw unsupported(digest, `says ${quote(mediaType)}, but was offered as ${quote(carried)}`)
  if (!(isIndex(json) ? INDEX_TYPES : IMAGES).includes(mediaType)) throw unsupported(digest, `is of the type ${quote(mediaType)}, which its content is not`)
  return {descriptor: describe(json, mediaType, digest, bytes.byteLength), bytes, json}
}

/** @throws AppError `image.unsupported` */
function readManifest(bytes: Uint8Array, digest: string): Manifest {
  const json = parseJson(bytes, digest)
  if (!isManifest(json)) throw unsupported(digest, `has a fault: ${firstFault(json)}`)
  const inexact = inexactName(json)
  if (inexact !== undefined) throw unsupported(digest, `has the name ${JSON.stringify(inexact.slice(0, 64))}, which not everybody reads alike`)
  const image = json.config !== undefined && json.layers !== undefined
  if (image === isIndex(json) || (isIndex(json) && (json.config !== undefined || json.layers !== undefined))) {
    throw unsupported(digest, 'is neither clearly an image nor clearly an index')
  }
  return json
}

function isManifest(json: unknown): json is Manifest {
  return ManifestShape.safeParse(json).success
}

function firstFault(json: unknown): string {
  const [issue] = ManifestShape.safeParse(json).error?.issues ?? []
  return `${issue?.path.join('.') || 'document'}: ${issue?.message ?? 'not a manifest'}`
}

function parseJson(bytes: Uint8Array, digest: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(bytes))
  } catch (error) {
    throw new AppError('image.unsupported', `the manifest ${digest} is not JSON`, {cause: error})
  }
}

/** As distribution-spec 1.1 wants a referrer listed: artifact type, or else the config's media type, and the annotations. */
function describe(json: Manifest, mediaType: string, digest: string, size: number): Descriptor {
  if (json.subject === undefined) return {mediaType, digest, size}
  const artifactType = json.artifactType ?? json.config?.mediaType
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : {artifactType}),
    ...(json.annotations === undefined ? {} : {annotations: json.annotations}),
  }
}

/** Somebody else's text, within one line. */
function quote(text: string): string {
  return JSON.stringify(text.slice(0, 100))
}

function unsupported(digest: string, what: string): AppError {
  return new AppError('image.unsupported', `the manifest ${digest} ${what}`)
}
