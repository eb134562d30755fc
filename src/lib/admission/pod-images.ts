/**
 * Every image that a pod names, and where: containers of all three kinds, and
 * image volumes. A place without an image is listed too, with an empty text.
 */
import {AppError} from '../errors.ts'
import type {Pod, PodRequest} from './review.ts'

/** More is not judged: every image may cost a registry call. */
const MAX_IMAGES = 256

export interface PodImage {
  /** As the pod names it; empty where it names none. */
  readonly image: string
  /** `spec.containers[0]`, `spec.volumes[2].image` */
  readonly path: string
  /** The old pod runs it already, as often: an UPDATE that keeps an image must not hang on its verdict (a finalizer, a label). */
  readonly unchanged: boolean
}

/** @throws AppError `usage.input` where there is none: all of none would be in order */
export function podImages({pod, oldPod}: Pick<PodRequest, 'pod' | 'oldPod'>): PodImage[] {
  const running = oldPod === undefined ? [] : namedImages(oldPod).map(({image}) => image)
  const images = namedImages(pod)
  if (images.length === 0) throw new AppError('usage.input', 'the pod names no image')
  if (images.length > MAX_IMAGES) throw new AppError('usage.input', `the pod names ${images.length} images; at most ${MAX_IMAGES} are judged`)
  return markUnchanged(images, running)
}

/**
 * Counted, not looked up: who adds a container brings something new, also where another one has the same image. A tag may
 * have moved since, and what was let in for a while is not let in once more.
 * @param running images of the old pod, once for each place
 */
export function markUnchanged(images: readonly Omit<PodImage, 'unchanged'>[], running: readonly string[]): PodImage[] {
  const left = new Map<string, number>()
  for (const image of running) left.set(image, (left.get(image) ?? 0) + 1)
  return images.map(({image, path}) => {
    const places = image === '' ? 0 : (left.get(image) ?? 0)
    left.set(image, places - 1)
    return {image, path, unchanged: places > 0}
  })
}

function namedImages({spec}: Pod): {image: string; path: string}[] {
  const containers = (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((field) =>
    spec[field].map(({image}, at) => ({image: image ?? '', path: `spec.${field}[${at}]`})),
  )
  const volumes = spec.volumes.flatMap(({image}, at) =>
    image === null || image === undefined ? [] : [{image: image.reference ?? '', path: `spec.volumes[${at}].image`}],
  )
  return [...containers, ...volumes]
}
