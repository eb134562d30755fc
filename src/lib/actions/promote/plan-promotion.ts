/** What a promotion needs, opened and held against the policy before anything is done: image, both repositories, key. */
import {resolve} from 'node:path'
import type {LongLived, Promotion} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import type {Policy} from '../../policy/model.ts'
import type {Context} from '../../ports/context.ts'
import type {ImageStore} from '../../ports/images.ts'
import {namedPolicy} from './approver.ts'
import {openPinnedImage, repositoryOf, type OpenImage} from '../open-image.ts'
import {openSigningKey, type SigningKey} from '../sign/signing-key.ts'

export interface PlanRequest {
  readonly image: string
  /** The environment. */
  readonly to: string
  /** That the image stands in; needed for a layout. */
  readonly repository?: string
  readonly allowLongLived?: readonly LongLived[]
}

export interface PromotionPlan {
  readonly policy: Policy
  /** The policy for the image where it is: signed by whoever signs builds, in its own repository. */
  readonly candidate: Policy
  readonly open: OpenImage
  readonly from: string
  readonly to: string
  readonly target: ImageStore
  readonly key: SigningKey
}

/** @throws AppError `usage.*`, `policy.invalid`, `key.*`, `image.*`, `registry.*` */
export async function planPromotion(request: PlanRequest, context: Context): Promise<PromotionPlan> {
  const policy = await namedPolicy(request.to, context)
  const {repository: to, promotion} = policy
  const named = context.config.environments[request.to]?.promotion
  if (named === undefined || promotion === undefined)
    throw new AppError('policy.invalid', `environment ${policy.name} has no \`promotion\`: there is no key that could bring an image into it`)
  if (to === undefined) throw new AppError('policy.invalid', `environment ${policy.name} names no \`repository\` to promote to`)
  const open = await openPinnedImage(request.image, context)
  const from = repositoryOf(open, request.repository)
  const key = await promotionKey(policy.name, named, context, request)
  return {policy, candidate: candidateIn(from, policy), open, from, to, target: await targetStore(to, context), key}
}

/** Where the platform has a policy too, the image has to pass that as well before it is brought anywhere. */
function candidateIn(repository: string, {promotion: _promotion, floor, ...policy}: Policy): Policy {
  return {...policy, repository, ...(floor !== undefined && {floor: candidateIn(repository, floor)})}
}

async function targetStore(repository: string, context: Context): Promise<ImageStore> {
  const target = await context.target(`registry:${repository}`)
  if (target.kind !== 'registry') throw new AppError('bug', `${repository} is no repository of a registry`)
  return context.images(target)
}

/** Whose signature nobody in the environment would trust must not sign. */
async function promotionKey(environment: string, {key: reference, spki}: Promotion, context: Context, request: PlanRequest): Promise<SigningKey> {
  const absolute = reference.startsWith('file:') ? `file:${resolve(context.config.root, reference.slice('file:'.length))}` : reference
  const key = await openSigningKey(absolute, context, {...request, many: true})
  if (`sha256:${key.public.spki}` === spki) return key
  throw new AppError('policy.invalid', `the promotion key ${reference} is sha256:${key.public.spki}, but environment ${environment} pins ${spki}`)
}
