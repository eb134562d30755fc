/** Fetches what is attached to an image, and judges: no verdict without all of it. Faults of reach or content become checks. */
import {AppError, EXIT, REASONS} from '../../errors.ts'
import {verifyImage as checkContent} from '../../images/verify-image.ts'
import {seenAsOf, trustedAsOf} from '../../policy/as-of.ts'
import {triedSignatures, type TriedSignature} from '../../policy/checks/signature.ts'
import {conclude, judge} from '../../policy/judge.ts'
import type {Check, Judgement, Observation, Policy, RevocationList} from '../../policy/model.ts'
import {trustOf} from '../../policy/trust.ts'
import {verdictUntil} from '../../policy/verdict-until.ts'
import type {Context} from '../../ports/context.ts'
import type {Target} from '../../ports/images.ts'
import {observeGiven} from './given-bundles.ts'
import {attachedReader, observeImage} from './observe-image.ts'
import {withSealedTimes} from './sealed-times.ts'
import {openImage, repositoryOf, type OpenImage} from '../open-image.ts'

export interface JudgedImage {
  readonly judgement: Judgement
  /** Undefined where the image was not found. */
  readonly digest: string | undefined
  /** Every signature that was looked at; none where it did not come to that. */
  readonly tried: readonly TriedSignature[]
  /** What was judged, where it could be fetched whole. */
  readonly observation?: Observation
  /** Where it was found. */
  readonly open?: OpenImage
  /** From when on the clock alone may change the verdict: milliseconds since the epoch. Absent where nothing was judged. */
  readonly until?: number
}

/** What an image is judged by. */
export interface Ground {
  readonly policy: Policy
  /** As `readRevocations` gave it, once for the command. */
  readonly revocations: RevocationList | undefined
  readonly asOf: Date
}

/** @throws AppError for what no registry or layout can be blamed for */
export async function judgeImage(image: string, repository: string | undefined, {policy, revocations, asOf}: Ground, context: Context): Promise<JudgedImage> {
  let open: OpenImage | undefined
  try {
    const look = attachedReader(trustOf(policy), context)
    open = await openImage(image, context, (store, digest) => void look(store, digest).catch(() => undefined))
    await checkLayout(open)
    const observed = await withSealedTimes(await observeImage(open, repositoryOf(open, repository), look), policy, asOf, context)
    return {...judgeObserved(observed, {policy, revocations, asOf}, context), open}
  } catch (error) {
    if (!(error instanceof AppError) || !/^(image|registry|referrers)\./.test(error.code)) throw error
    return {judgement: conclude([unreachable(error, open)]), digest: open?.digest, tried: [], ...(open !== undefined && {open})}
  }
}

/** By what was given, and nothing else: which platforms an index has is not known then. @throws AppError `usage.flag`, `usage.repository` */
export async function judgeGiven(
  target: Target,
  bundles: readonly string[],
  repository: string | undefined,
  ground: Ground,
  context: Context,
): Promise<JudgedImage> {
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
  const clocks = {asOf, now: context.now()}
  const whole = {...observed, ...(revocations !== undefined && {revocations})}
  const observation = seenAsOf(whole, clocks)
  const trusted = trustedAsOf(policy, clocks)
  return {
    judgement: judge(observation, trusted, asOf),
    digest: observed.digest,
    tried: triedSignatures(observation, trusted, asOf),
    observation,
    until: verdictUntil(whole, policy, clocks),
  }
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
