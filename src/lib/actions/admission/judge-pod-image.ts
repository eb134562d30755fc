/**
 * One image of a pod, judged on the ground of the environment that the pod lands in.
 *
 * Its own repository (or, where the environment names none, whatever no rule
 * matches) by signature and attestations; all else by the `images` rules.
 */
import {admittedBy, judgedAs, refusedFor, unchanged, type ImageVerdict} from '../../admission/image-verdict.ts'
import {matchEnvironments} from '../../admission/match-environment.ts'
import type {PodImage} from '../../admission/pod-images.ts'
import {AppError} from '../../errors.ts'
import {parseReference, splitReference} from '../../images/reference.ts'
import type {BreakGlassPolicy} from '../../policy/exemption.ts'
import {judgeByRules, type PinnedImage} from '../../policy/image-rules.ts'
import type {Policy, RevocationList} from '../../policy/model.ts'
import type {Context} from '../../ports/context.ts'
import {readRevocations} from '../revoke/read-revocations.ts'
import {readBreakGlass} from '../policy/read-break-glass.ts'
import {environmentPolicy} from '../policy/select-policy.ts'
import {judgeImage, type Ground as JudgeGround, type JudgedImage} from '../verify/judge-image.ts'
import {judgeSigned} from '../verify/judge-ruled.ts'
import {revokedPodImage} from './revoked-pod-image.ts'

/** What images are judged by, or why none can be. */
export type Ground =
  | {readonly environment: string; readonly policy: Policy; readonly revocations: RevocationList | undefined; readonly breakGlass?: BreakGlassPolicy}
  | {readonly environment: string | undefined; readonly policy: undefined; readonly refuse: (place: PodImage) => ImageVerdict}

/** Recorded refusals, not errors: a pod that nobody can judge is a pod that was refused. */
export async function findGround(cluster: string, namespace: string, context: Context): Promise<Ground> {
  const found = matchEnvironments(cluster, namespace, context.config.environments)
  const [match] = found
  if (match === undefined || found.length > 1) {
    const message = `${found.length === 0 ? 'no environment matches' : `${found.map(([name]) => name).join(' and ')} all match`} cluster ${cluster}, namespace ${namespace}`
    return {environment: undefined, policy: undefined, refuse: (place) => refusedFor('policy.no-environment', message, place)}
  }
  const [environment] = match
  try {
    const breakGlass = await readBreakGlass(context)
    const policy = await environmentPolicy(...match, context)
    return {environment, policy, revocations: await readRevocations(context), ...(breakGlass !== undefined && {breakGlass})}
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return {environment, policy: undefined, refuse: (place) => refusedFor(error.code, error.message, place, 'could-not-check')}
  }
}

export async function judgePlace(place: PodImage, ground: Ground, now: Date, context: Context): Promise<ImageVerdict> {
  if (place.unchanged) return unchanged(place)
  if (ground.policy === undefined) return ground.refuse(place)
  const pinned = pinnedImage(place)
  if ('verdict' in pinned) return pinned
  if (ground.policy.requires === undefined)
    return refusedFor('policy.requires-nothing', `environment ${ground.policy.name} requires nothing, so nothing passes`, {...place, ...pinned})
  const named = {...place, ...pinned}
  const ours = ground.policy.repository === pinned.repository
  const ruled = ours ? undefined : judgeByRules(pinned, context.config.images, now)
  if (ruled?.verdict === 'failed') return refusedFor(ruled.reason, ruled.message, named)
  if (ruled?.verdict === 'if-signed') {
    const {rules} = ruled
    return looked(named, async () => judgeSigned(pinned, rules, {...ground, asOf: now}, context))
  }
  if (ruled !== undefined) return (await revokedPodImage(named, ground.revocations, now, context)) ?? admittedBy(ruled.message, named)
  // An environment that names no repository has whatever carries its signature.
  if (!ours && ground.policy.repository !== undefined)
    return refusedFor('policy.unknown-image', `${pinned.repository} is not the repository of ${ground.policy.name}, and no images rule matches it`, named)
  return judgeOurs(named, {...ground, asOf: now}, context)
}

/** What a pod may name: an image by registry, repository and digest. */
function pinnedImage(place: PodImage): PinnedImage | ImageVerdict {
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

async function judgeOurs(place: PodImage & PinnedImage, ground: JudgeGround, context: Context): Promise<ImageVerdict> {
  const {repository, digest} = place
  context.progress.step(`Judging ${repository}@${digest.slice(0, 19)}… for ${ground.policy.name}`)
  return looked(place, async () => judgeImage(`registry:${repository}@${digest}`, repository, ground, context))
}

async function looked(place: PodImage & PinnedImage, look: () => Promise<JudgedImage>): Promise<ImageVerdict> {
  try {
    const {judgement, tried} = await look()
    return judgedAs(judgement, tried, place)
  } catch (error) {
    // One image that brings us down must not keep the others from being judged and recorded.
    const [reason, message] = error instanceof AppError ? [error.code, error.message] : (['bug', `unexpected error: ${String(error)}`] as const)
    return refusedFor(reason, message, place, 'could-not-check')
  }
}
