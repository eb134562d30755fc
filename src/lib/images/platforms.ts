/**
 * The platforms of an index. Build attestations that BuildKit stores as
 * children (`unknown/unknown`, `vnd.docker.reference.type`) are no images, but
 * they are reported: whatever calls itself so is looked at by nobody.
 */
import {z} from 'zod'
import {AppError} from '../errors.ts'
import type {Descriptor, Manifest} from '../ports/images.ts'
import {INDEX_TYPES} from './manifest.ts'

export interface PlatformImage {
  /** `linux/amd64`, `linux/arm/v7`. */
  readonly platform: string
  readonly digest: string
}

export interface IndexPlatforms {
  readonly platforms: readonly (PlatformImage & {readonly descriptor: Descriptor})[]
  /** Children that are attestations of a builder. */
  readonly attestations: readonly Descriptor[]
}

/** @throws AppError `image.unsupported` where a child says no platform, or is an index: it could be run, and would not be scanned */
export function platformsOf(index: Manifest): IndexPlatforms {
  const children = index.manifests ?? []
  const nested = children.find(({mediaType}) => INDEX_TYPES.includes(mediaType))
  if (nested !== undefined) throw new AppError('image.unsupported', `the index child ${nested.digest} is an index itself`)
  const attestations = children.filter(isBuilderAttestation)
  const platforms = children
    .filter((child) => !isBuilderAttestation(child))
    .map((child) => ({platform: platformText(child.platform, child.digest), digest: child.digest, descriptor: child}))
  return {platforms, attestations}
}

/** @throws AppError `image.unsupported` */
export function platformText(platform: Descriptor['platform'], digest: string): string {
  if (platform === undefined || platform.os === '' || platform.architecture === '' || platform.os === 'unknown') {
    throw new AppError('image.unsupported', `the image ${digest} does not say its platform`)
  }
  return [platform.os, platform.architecture, ...(platform.variant ? [platform.variant] : [])].join('/')
}

function isBuilderAttestation({platform, annotations}: Descriptor): boolean {
  return platform?.os === 'unknown' && platform.architecture === 'unknown' && annotations?.['vnd.docker.reference.type'] === 'attestation-manifest'
}

const ConfigShape = z.looseObject({os: z.string(), architecture: z.string(), variant: z.string().optional()})

/** The platform that an image's own configuration states. @throws AppError `image.unsupported` */
export function configPlatform(config: Uint8Array, digest: string): string {
  return platformText(readPlatform(config, digest), digest)
}

function readPlatform(config: Uint8Array, digest: string): Descriptor['platform'] {
  try {
    const {os, architecture, variant} = ConfigShape.parse(JSON.parse(new TextDecoder().decode(config)))
    return {os, architecture, ...(variant ? {variant} : {})}
  } catch (error) {
    throw new AppError('image.unsupported', `the configuration of ${digest} does not say its platform`, {cause: error})
  }
}
