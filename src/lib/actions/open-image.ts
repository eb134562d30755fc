/** Opens an image by digest: the manifest, its platforms, and the name of its repository. */
import {AppError} from '../errors.ts'
import {isIndex} from '../images/manifest.ts'
import {configPlatform, platformsOf} from '../images/platforms.ts'
import {resolveTarget} from '../images/target.ts'
import type {Context} from '../ports/context.ts'
import type {Descriptor, ImageStore, ManifestContent, Target} from '../ports/images.ts'

export type ImageTarget = Extract<Target, {kind: 'registry' | 'layout'}>

export interface OpenImage {
  readonly store: ImageStore
  readonly image: ManifestContent
  readonly digest: string
  /** The image itself, or every platform of an index. */
  readonly platforms: readonly {readonly platform: string; readonly descriptor: Descriptor}[]
  /** Index and platforms: what a statement about this image names. */
  readonly subjects: readonly Descriptor[]
  readonly target: ImageTarget
}

/**
 * @param onDigest called as soon as a digest is known, so that something else can be asked about it while the image is fetched
 * @throws AppError `usage.target`, `image.*`, `registry.*`
 */
export async function openImage(text: string, context: Context, onDigest: (store: ImageStore, digest: string) => void = () => {}): Promise<OpenImage> {
  const target = await context.target(text)
  if (target.kind !== 'registry' && target.kind !== 'layout') throw notAnImage(target)
  const store = await context.images(target)
  if (target.digest !== undefined) onDigest(store, target.digest)
  const image = await resolveTarget(target, store)
  if (target.digest === undefined) onDigest(store, image.descriptor.digest)
  const platforms = await readPlatforms(store, image)
  const subjects = isIndex(image.json) ? [image.descriptor, ...platforms.map(({descriptor}) => descriptor)] : [image.descriptor]
  return {store, image, digest: image.descriptor.digest, platforms, subjects, target}
}

/** Nothing can be attached to an archive. */
function notAnImage(target: Exclude<Target, ImageTarget>): AppError {
  const {text} = target
  if (target.kind === 'folder') return new AppError('usage.target', `${text} is neither an image in a registry nor an OCI layout`)
  return new AppError('usage.target', `${text} is an archive, and this needs an image in a registry or an OCI layout`, {
    fix:
      target.format === 'oci-archive'
        ? `Unpack it, and give ./image: mkdir image && tar -xf ${text.replace(/^oci-archive:/, '')} -C image`
        : 'Push it to a registry, or build it as a layout: docker buildx build -o type=oci,dest=image.tar . && mkdir image && tar -xf image.tar -C image',
  })
}

/** The same, but refuses a tag: what is signed must be what was meant. @throws AppError `usage.tag` */
export async function openPinnedImage(text: string, context: Context): Promise<OpenImage> {
  const open = await openImage(text, context)
  // A layout that holds one image has been pinned by being that folder.
  if (open.target.digest !== undefined || (open.target.kind === 'layout' && open.target.tag === undefined)) return open
  const pinned = `${open.store.location}@${open.digest}`
  throw new AppError('usage.tag', `${text} is named by a tag, which can move`, {fix: `Use the digest: ${pinned}`})
}

/** @throws AppError `usage.repository` */
export function repositoryOf(open: OpenImage, given: string | undefined): string {
  const repository = given ?? open.store.repository
  if (repository === undefined) throw new AppError('usage.repository', `the OCI layout ${open.store.location} does not say which repository it stands for`)
  return repository
}

async function readPlatforms(store: ImageStore, image: ManifestContent): Promise<OpenImage['platforms']> {
  if (isIndex(image.json)) {
    const {platforms} = platformsOf(image.json)
    if (platforms.length === 0) throw new AppError('image.unsupported', `the index ${image.descriptor.digest} has no image for any platform`)
    return platforms
  }
  const {digest} = image.descriptor
  if (image.json.config === undefined) throw new AppError('image.unsupported', `${digest} has neither a configuration nor platforms`)
  return [{platform: configPlatform(await store.blob(image.json.config), digest), descriptor: image.descriptor}]
}
