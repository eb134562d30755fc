/**
 * Image and policy in, one verdict out. The record is written before the answer is given.
 *
 * What cannot be reached or read becomes a check of its own: `could-not-check`
 * is a verdict, and never a pass.
 */
import {AppError, EXIT, REASONS} from '../errors.ts'
import {verifyImage as checkContent} from '../images/verify-image.ts'
import {seenAsOf} from '../policy/as-of.ts'
import {triedSignatures, type TriedSignature} from '../policy/checks/signature.ts'
import {conclude, judge} from '../policy/judge.ts'
import type {Check, Judgement, Observation, Policy, RevocationList} from '../policy/model.ts'
import {nameImage} from '../policy/name-image.ts'
import {trustOf} from '../policy/trust.ts'
import type {Context} from '../ports/context.ts'
import type {Target} from '../ports/images.ts'
import {observeGiven} from './given-bundles.ts'
import {attachedReader, observeImage} from './observe-image.ts'
import {openImage, repositoryOf, type OpenImage} from './open-image.ts'
import {readRevocations} from './read-revocations.ts'
import {recordVerdict, type VerifyResult} from './record-verdict.ts'
import {selectPolicy, type PolicyRequest} from './select-policy.ts'

export interface VerifyRequest extends PolicyRequest {
  readonly image: string
  /** Paths of bundles: these are all that is attached, and no registry is asked. The image is then named by its digest. */
  readonly bundles?: readonly string[]
  /** Judge as of this instant; default now. */
  readonly asOf?: Date
}

export async function verifyImage(request: VerifyRequest, context: Context): Promise<VerifyResult> {
  const asOf = request.asOf ?? context.now()
  const target = await context.target(request.image)
  const named = request.repository ?? (target.kind === 'registry' ? target.repository : undefined)
  const {repository: _given, ...asked} = request
  const selected = await selectPolicy({...asked, ...(named !== undefined && {repository: named})}, context)
  // A flag that is given is never ignored.
  const policy = request.repository === undefined ? selected : {...selected, repository: request.repository}
  const repository = named ?? policy.repository
  const revocations = await readRevocations(context)

  context.progress.step(`Verifying ${request.image} for ${policy.name}`)
  const ground = {policy, revocations, asOf}
  const {judgement, digest} =
    request.bundles === undefined
      ? await judgeImage(request.image, repository, ground, context)
      : await judgeGiven(target, request.bundles, repository, ground, context)
  const whole = imageArgument(target, repository, digest)
  const result = {
    ...judgement,
    checks: nameImage(judgement.checks, whole),
    image: request.image,
    repository,
    digest,
    environment: policy.name,
    policy: policy.digest,
    asOf: asOf.toISOString(),
    record: undefined,
    recorded: false,
  }
  return recordVerdict(result, context)
}

/** What a person types for this image: a layout is named by its path, and by the repository that it stands for. */
function imageArgument(target: Target, repository: string | undefined, digest: string | undefined): string {
  if (target.kind !== 'registry') return repository === undefined ? target.text : `${target.text} --repository ${repository}`
  return digest === undefined ? target.text : `${target.repository}@${digest}`
}

export interface JudgedImage {
  readonly judgement: Judgement
  /** Undefined where the image was not found. */
  readonly digest: string | undefined
  /** Every signature that was looked at; none where it did not come to that. */
  readonly tried: readonly TriedSignature[]
  /** What was judged, where it could be fetched whole. */
  readonly observation?: Observation
}

/** What an image is judged by. */
export interface Ground {
  readonly policy: Policy
  /** As `readRevocations` gave it, once for the command. */
  readonly revocations: RevocationList | undefined
  readonly asOf: Date
}

/** Fetches and judges; faults of reach or content become checks. */
export async function judgeImage(image: string, repository: string | undefined, {policy, revocations, asOf}: Ground, context: Context): Promise<JudgedImage> {
  let open: OpenImage | undefined
  try {
    const look = attachedReader(trustOf(policy), context)
    open = await openImage(image, context, (store, digest) => void look(store, digest).catch(() => undefined))
    await checkLayout(open)
    return judgeObserved(await observeImage(open, repositoryOf(open, repository), look), {policy, revocations, asOf}, context)
  } catch (error) {
    if (!(error instanceof AppError) || !/^(image|registry|referrers)\./.test(error.code)) throw error
    return {judgement: conclude([unreachable(error, open)]), digest: open?.digest, tried: []}
  }
}

/** By what was given, and nothing else: which platforms an index has is not known then. @throws AppError `usage.flag`, `usage.repository` */
async function judgeGiven(target: Target, bundles: readonly string[], repository: string | undefined, ground: Ground, context: Context): Promise<JudgedImage> {
  if (target.kind !== 'registry' || target.digest === undefined)
    throw new AppError('usage.flag', `${target.text} is not named by its digest, and --bundle is about one digest`, {
      fix: 'Give HOST/REPO@sha256:…, the path of a file, or sha256:….',
    })
  const {digest} = target
  const attached = await observeGiven(bundles, trustOf(ground.policy), context)
  const observed = {digest, repository: repository ?? target.repository, platforms: [{platform: 'the image', digest}], attached: new Map([[digest, attached]])}
  return judgeObserved(observed, ground, context)
}

function judgeObserved(observed: Observation, {policy, revocations, asOf}: Ground, context: Context): JudgedImage {
  const observation = seenAsOf({...observed, ...(revocations !== undefined && {revocations})}, {asOf, now: context.now()})
  return {judgement: judge(observation, policy, asOf), digest: observed.digest, tried: triedSignatures(observation, policy, asOf), observation}
}

/** A layout is bytes on a disk that nobody has looked at; what comes from a registry is held against its digest by whoever pulls it. */
async function checkLayout({store, digest}: OpenImage): Promise<void> {
  if (store.kind === 'layout') await checkContent(store, digest)
}

function unreachable(error: AppError, open: OpenImage | undefined): Check {
  const [fix] = error.suggestions
  // The image itself is there: what is missing then is something that the registry has listed.
  const reason = error.code === 'image.not-found' && open !== undefined ? 'registry.protocol' : error.code
  const state = REASONS[reason].exit === EXIT.missing ? 'missing' : 'could-not-check'
  return {name: 'image', state, reason, message: error.message, ...(reason === error.code && fix !== undefined && {fix})}
}
