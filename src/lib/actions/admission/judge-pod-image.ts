/**
 * One image of a pod, judged on the ground of the environment that the pod lands in.
 *
 * Its own repository (or, where the environment names none, whatever no rule
 * matches) by signature and attestations; all else by the `images` rules.
 */
import {admittedBy, judgedAs, refusedFor, unchanged, type ImageVerdict} from '../../admission/image-verdict.ts'
import type {PodImage} from '../../admission/pod-images.ts'
import {AppError} from '../../errors.ts'
import {parseReference, splitReference} from '../../images/reference.ts'
import {judgeByRules, type PinnedImage} from '../../policy/image-rules.ts'
import type {Policy} from '../../policy/model.ts'
import {revocationsUntil, rulesUntil} from '../../policy/verdict-until.ts'
import type {Context} from '../../ports/context.ts'
import {judgeImage, type Ground as JudgeGround, type JudgedImage} from '../verify/judge-image.ts'
import {judgeSigned} from '../verify/judge-ruled.ts'
import type {Ground} from './find-ground.ts'
import {revokedPodImage} from './revoked-pod-image.ts'

export interface JudgedPlace {
  readonly verdict: ImageVerdict
  /** From when on the clock alone may change it: milliseconds since the epoch. */
  readonly until: number
}

export async function judgePlace(place: PodImage, ground: Ground, now: Date, context: Context): Promise<ImageVerdict> {
  if (place.unchanged) return unchanged(place)
  if (ground.policy === undefined) return ground.refuse(place)
  const pinned = pinnedImage(place)
  return 'verdict' in pinned ? pinned : (await judgePinned({...place, ...pinned}, ground, now, context)).verdict
}

/** One that its place names by digest. */
export async function judgePinned(named: PodImage & PinnedImage, ground: Extract<Ground, {policy: Policy}>, now: Date, context: Context): Promise<JudgedPlace> {
  const {policy} = ground
  const {images} = context.config
  if (policy.requires === undefined)
    return forGood(refusedFor('policy.requires-nothing', `environment ${policy.name} requires nothing, so nothing passes`, named))
  const ours = policy.repository === named.repository
  const ruled = ours ? undefined : judgeByRules(named, images, now)
  if (ruled?.verdict === 'if-signed') {
    const {rules} = ruled
    return looked(named, async () => judgeSigned(named, rules, {...ground, asOf: now}, context))
  }
  if (ruled !== undefined) {
    const until = Math.min(rulesUntil(named.repository, images, now), revocationsUntil(ground.revocations, now))
    if (ruled.verdict === 'failed') return {verdict: refusedFor(ruled.reason, ruled.message, named), until}
    return {verdict: (await revokedPodImage(named, ground.revocations, now, context)) ?? admittedBy(ruled.message, named), until}
  }
  // An environment that names no repository has whatever carries its signature.
  if (!ours && policy.repository !== undefined)
    return forGood(refusedFor('policy.unknown-image', `${named.repository} is not the repository of ${policy.name}, and no images rule matches it`, named))
  return judgeOurs(named, {...ground, asOf: now}, context)
}

/** What a pod may name: an image by registry, repository and digest. */
export function pinnedImage(place: PodImage): PinnedImage | ImageVerdict {
  const {image} = place
  if (image === '') return refusedFor('policy.image-name', `${place.path} names no image`, place)
  if (splitReference(image).digest === undefined) return refusedFor('policy.tag', 'named by a tag, which can move', place)
  try {
    const {repository, digest} = parseReference(image)
    return digest === undefined ? refusedFor('policy.tag', 'named by a tag, which can move', place) : {repository, digest}
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return refusedFor('policy.image-name', error.message, place)
  }
}

async function judgeOurs(place: PodImage & PinnedImage, ground: JudgeGround, context: Context): Promise<JudgedPlace> {
  const {repository, digest} = place
  context.progress.step(`Judging ${repository}@${digest.slice(0, 19)}… for ${ground.policy.name}`)
  return looked(place, async () => judgeImage(`registry:${repository}@${digest}`, repository, ground, context))
}

async function looked(place: PodImage & PinnedImage, look: () => Promise<JudgedImage>): Promise<JudgedPlace> {
  try {
    const {judgement, tried, until = Number.POSITIVE_INFINITY} = await look()
    return {verdict: judgedAs(judgement, tried, place), until}
  } catch (error) {
    // One image that brings us down must not keep the others from being judged and recorded.
    const [reason, message] = error instanceof AppError ? [error.code, error.message] : (['bug', `unexpected error: ${String(error)}`] as const)
    return forGood(refusedFor(reason, message, place, 'could-not-check'))
  }
}

function forGood(verdict: ImageVerdict): JudgedPlace {
  return {verdict, until: Number.POSITIVE_INFINITY}
}
