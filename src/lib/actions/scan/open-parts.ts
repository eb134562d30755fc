/**
 * Opens what is to be described or scanned: an image in a registry, a layout,
 * an archive or a folder, as parts, one per platform.
 *
 * Tools are never pointed at the original image: of several platforms they
 * take one and say nothing, and what lies in a layout they believe. Each gets a
 * private copy of one image, checked on its way.
 */
import {AppError} from '../../errors.ts'
import type {Unscanned} from '../../evidence/details.ts'
import {isIndex} from '../../images/manifest.ts'
import type {Context} from '../../ports/context.ts'
import type {Descriptor, Target} from '../../ports/images.ts'
import {openImage} from '../open-image.ts'

/** Where a part lies while it is looked at. */
export interface LaidOut {
  readonly kind: 'layout' | 'docker-archive' | 'folder'
  /** Absolute. */
  readonly path: string
  /** Layers of a kind that no scanner reads. */
  readonly unscanned: readonly Unscanned[]
}

export interface Part {
  /** `linux/amd64`; `unknown/unknown` for a folder. */
  readonly platform: string
  /** Of the platform's manifest; a Docker archive has only its configuration's; a folder has none. */
  readonly digest?: string
  /** Lays it out while `work` runs. */
  use<T>(work: (laid: LaidOut) => Promise<T>): Promise<T>
}

export interface OpenParts {
  readonly target: Target
  /** For records: `<repository>@<digest>` or a URN; undefined for a folder, which has no digest. */
  readonly subject?: string
  /** What documents call it; never a path of this machine. */
  readonly name: string
  readonly repository?: string
  readonly digest?: string
  readonly parts: readonly Part[]
  /** Platforms that the configuration, or a flag, leaves out. */
  readonly leftOut: readonly string[]
}

export interface PartsRequest {
  readonly target: string
  /** The repository that a layout or archive stands for. */
  readonly repository?: string
  /** Limits the platforms; default `platforms` of the configuration, else all. */
  readonly platforms?: readonly string[]
}

export const NO_PLATFORM = 'unknown/unknown'

/** @throws AppError `usage.*`, `image.*`, `registry.*`, `platform.missing` */
export async function withParts<T>(request: PartsRequest, context: Context, work: (open: OpenParts) => Promise<T>): Promise<T> {
  const target = await context.target(request.target)
  if (target.kind === 'folder') return work({target, name: folderName(target.path), parts: [folderPart(target.path)], leftOut: []})
  if (target.kind !== 'archive') return work(await imageParts(target, request.target, request, context))
  if (target.format === 'docker-archive') return work(await dockerParts(target, request, context))
  const copy = await (await context.checkouts()).unpack(target.path)
  try {
    return await work(await imageParts(target, `oci-dir:${copy.path}`, request, context))
  } finally {
    await copy.remove()
  }
}

async function imageParts(target: Target, text: string, request: PartsRequest, context: Context): Promise<OpenParts> {
  const open = await openImage(text, context)
  const {chosen, leftOut} = choose(open.platforms, request, context)
  const parts = chosen.map(({platform, descriptor: {digest}}): Part => ({
    platform,
    digest,
    use: async (laidOut) => inCopy(open.store, digest, laidOut, context),
  }))
  return {target, ...named(open.store.repository ?? request.repository, 'image', open.digest), parts, leftOut}
}

async function inCopy<T>(
  store: Parameters<Awaited<ReturnType<Context['checkouts']>>['single']>[0],
  digest: string,
  work: (laid: LaidOut) => Promise<T>,
  context: Context,
): Promise<T> {
  const copy = await (await context.checkouts()).single(store, digest)
  try {
    const {json} = await copy.store.resolve(digest)
    // Whatever the index called it: of an image in several a scanner would look at one.
    if (isIndex(json)) throw new AppError('image.unsupported', `the index child ${digest} is an index itself`)
    return await work({
      kind: 'layout',
      path: copy.path,
      unscanned: (json.layers ?? []).filter(isUnreadable).map(({digest: layer}) => ({what: layer, reason: 'image.layer-type'})),
    })
  } finally {
    await copy.remove()
  }
}

async function dockerParts(target: Extract<Target, {kind: 'archive'}>, request: PartsRequest, context: Context): Promise<OpenParts> {
  const {digest, platform} = await (await context.checkouts()).dockerArchive(target.path)
  const {leftOut} = choose([{platform}], request, context)
  const part: Part = {platform, digest, use: async (work) => work({kind: 'docker-archive', path: target.path, unscanned: []})}
  // A configuration's digest beside a repository would read as a manifest's.
  return {target, ...named(undefined, 'image-config', digest), parts: [part], leftOut}
}

function folderPart(path: string): Part {
  return {platform: NO_PLATFORM, use: async (work) => work({kind: 'folder', path, unscanned: []})}
}

function named(repository: string | undefined, kind: 'image' | 'image-config', digest: string): Pick<OpenParts, 'subject' | 'name' | 'repository' | 'digest'> {
  const urn = `urn:hipaa-ci:${kind}:${digest}`
  return repository === undefined ? {subject: urn, name: urn, digest} : {subject: `${repository}@${digest}`, name: repository, repository, digest}
}

/** @throws AppError `usage.flag`, `platform.missing` where nothing is left */
function choose<P extends {readonly platform: string}>(
  all: readonly P[],
  {platforms: flagged}: PartsRequest,
  {config}: Context,
): {chosen: readonly P[]; leftOut: readonly string[]} {
  const wanted = flagged ?? config.platforms
  if (wanted === undefined) return {chosen: all, leftOut: []}
  const absent = flagged?.find((platform) => !all.some((item) => matches(item.platform, platform)))
  const has = `the image has ${all.map(({platform}) => platform).join(', ')}`
  if (absent !== undefined) throw new AppError('usage.flag', `there is no platform ${absent}: ${has}`)
  const chosen = all.filter(({platform}) => wanted.some((want) => matches(platform, want)))
  if (chosen.length === 0)
    throw new AppError('platform.missing', `none of the configured platforms (${wanted.join(', ')}) is there: ${has}`, {
      fix: 'Correct `platforms` in hipaa-ci.yaml.',
    })
  return {chosen, leftOut: all.filter((item) => !chosen.includes(item)).map(({platform}) => platform)}
}

/** `linux/arm64` also means `linux/arm64/v8`. */
function matches(platform: string, wanted: string): boolean {
  return platform === wanted || platform.startsWith(`${wanted}/`)
}

const READABLE =
  /^application\/vnd\.(?:oci\.image\.layer\.(?:nondistributable\.)?v1\.tar(?:\+gzip|\+zstd)?|docker\.image\.rootfs\.(?:foreign\.)?diff\.tar(?:\.gzip|\.zstd)?)$/

function isUnreadable({mediaType}: Descriptor): boolean {
  return !READABLE.test(mediaType)
}

function folderName(path: string): string {
  return path.split(/[/\\]/).findLast((part) => part !== '') ?? 'folder'
}
