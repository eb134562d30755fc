/**
 * Brings an image into an environment's repository.
 *
 * Order: everything is opened; the tags are looked at; the image is judged where
 * it is; copied with all that is attached; signed for its new repository; judged
 * there; the verdict is signed; the record is written; then the tags. What is
 * there already is left as it is, so a promotion that broke off, wherever, is
 * finished by the same command.
 */
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import type {SignerId} from '../../evidence/details.ts'
import {sha256Hex} from '../../evidence/record.ts'
import {copyImage} from '../../images/copy-image.ts'
import {countedApprovals, type Approval} from '../../policy/checks/approvals.ts'
import type {Judgement, Observation, Policy} from '../../policy/model.ts'
import {nameImage} from '../../policy/name-image.ts'
import type {Context} from '../../ports/context.ts'
import {planPromotion, type PlanRequest, type PromotionPlan} from './plan-promotion.ts'
import {pending, readTags, wantedTags, writeTags, type PromotionTag} from './promotion-tags.ts'
import {recordPromotion} from './record-promotion.ts'
import {promotionSigner, signForTarget, signSummary} from './sign-promotion.ts'
import {refuseWaiting} from '../evidence/refuse-waiting.ts'
import {readRevocations} from '../revoke/read-revocations.ts'
import {recordVerdict, type VerifyResult} from '../verify/record-verdict.ts'
import {readAttached} from '../verify/read-attached.ts'
import {judgeImage, type Ground} from '../verify/judge-image.ts'

export interface PromoteRequest extends PlanRequest {
  /** None: `promoted-<12 hex>`. */
  readonly tags: readonly string[]
  /** Tags that name another image may be moved. */
  readonly moveTag: boolean
}

export interface PromoteResult {
  readonly exitCode: ExitCode
  readonly environment: string
  /** Repositories. */
  readonly from: string
  readonly to: string
  readonly digest: string
  readonly verdict: Judgement['verdict']
  /** False where a verdict stopped it: then no tag was written. */
  readonly promoted: boolean
  /** The verdict that decided: in the target, or where the image is. */
  readonly verification: VerifyResult
  readonly tags: readonly PromotionTag[]
  readonly signer: SignerId
  readonly approvals: readonly Approval[]
  /** Digests of the referrers of signature and verification summary; undefined where it did not come to that. */
  readonly signature?: string
  readonly summary?: string
  /** False where it was all there before. */
  readonly changed: boolean
  readonly record: string | undefined
}

/** @throws AppError `promotion.tag-taken`, `usage.*`, `policy.*`, `key.*`, `registry.*`, `record.*`, `spool.not-empty` */
export async function promoteImage(request: PromoteRequest, context: Context): Promise<PromoteResult> {
  await refuseWaiting('a promotion', context)
  const plan = await planPromotion(request, context)
  const {open, from, to, target, policy, candidate} = plan
  const names = wantedTags(request.tags, open.digest)
  await readTags(names, open.digest, target, request.moveTag)

  context.progress.step(`Verifying ${from}@${open.digest} for ${policy.name}`)
  const revocations = await readRevocations(context)
  const here = await judge(request.image, from, {policy: candidate, revocations, asOf: context.now()}, context)
  if (here.observation === undefined || here.result.verdict !== 'verified') return refused(plan, candidate, here.result, context)
  refuseOther(here.result, plan)
  await copy(plan, context)
  context.progress.step(`Signing for ${to}`)
  const signature = await signForTarget(plan, here.observation, context)

  context.progress.step(`Verifying ${to}@${open.digest} for ${policy.name}`)
  const there = await judge(`registry:${to}@${open.digest}`, to, {policy, revocations, asOf: context.now()}, context)
  if (there.observation === undefined || there.result.verdict !== 'verified') return refused(plan, policy, there.result, context)
  const summary = await signSummary(plan, there.observation, context)

  const approvals = countedApprovals(there.observation, policy, context.now())
  // Looked at again: signing takes its time, and a tag that was moved meanwhile is somebody else's.
  const tags = await readTags(names, open.digest, target, request.moveTag)
  const record = await recordPromotion(plan, {signature, summary, approvals, tags, approved: await approvalBundles(approvals, plan)}, context)
  await writeTags(tags, open.image, target)
  return {
    ...describe(plan, there.result),
    exitCode: EXIT.ok,
    promoted: true,
    tags,
    approvals,
    signature: signature.manifest,
    summary: summary.manifest,
    changed: signature.attached || summary.attached || pending(tags, open.digest).length > 0,
    record,
  }
}

/** The bundles of the approvals that counted: they were copied along, and the store of those who gave them may be another. */
async function approvalBundles(approvals: readonly Approval[], {open, target}: PromotionPlan): Promise<ReadonlyMap<string, Uint8Array>> {
  if (approvals.length === 0) return new Map()
  const counted = new Set(approvals.map(({bundle}) => bundle))
  const attached = await readAttached(target, open.digest)
  const bundles = attached.flatMap(({bundle}): [string, Uint8Array][] => (bundle === undefined ? [] : [[sha256Hex(bundle), bundle]]))
  return new Map(bundles.filter(([sha256]) => counted.has(sha256)))
}

interface Judged {
  readonly result: VerifyResult
  readonly observation: Observation | undefined
}

async function judge(image: string, repository: string, ground: Ground, context: Context): Promise<Judged> {
  const {policy, asOf} = ground
  const {judgement, digest, observation} = await judgeImage(image, repository, ground, context)
  const checks = nameImage(judgement.checks, digest === undefined ? image : `${repository}@${digest}`)
  const about = {image, repository, digest, environment: policy.name, policy: policy.digest, asOf: asOf.toISOString()}
  return {result: {...judgement, checks, ...about, record: undefined, recorded: false}, observation}
}

/** A digest does not change, but what a layout on a disk holds does. @throws AppError `image.corrupt` */
function refuseOther({digest}: VerifyResult, {open}: PromotionPlan): void {
  if (digest !== open.digest) throw new AppError('image.corrupt', `${open.store.location} held ${open.digest}, and ${digest} when it was judged`)
}

/** A verdict that stopped a promotion is evidence like any other. */
async function refused(plan: PromotionPlan, policy: Policy, result: VerifyResult, context: Context): Promise<PromoteResult> {
  const verification = await recordVerdict(result, policy, context)
  return {
    ...describe(plan, verification),
    exitCode: verification.exitCode,
    promoted: false,
    tags: [],
    approvals: [],
    changed: false,
    record: verification.record,
  }
}

function describe(plan: PromotionPlan, verification: VerifyResult) {
  const {policy, from, to, open} = plan
  return {environment: policy.name, from, to, digest: open.digest, verdict: verification.verdict, verification, signer: promotionSigner(plan)}
}

const MIB = 1024 * 1024
/** A part of this size takes its time: it is worth a line. */
const LONG = 16 * MIB

async function copy({open, from, to, target}: PromotionPlan, {progress}: Context): Promise<void> {
  progress.step(`Copying ${from}@${open.digest} to ${to}`)
  let parts = 0
  const {bytes, referrers} = await copyImage(open.store, target, open.digest, {
    referrers: true,
    onPart: ({digest, size, outcome}) => {
      if (outcome === 'present') return
      parts += 1
      if (size >= LONG) progress.note(`copied ${digest}, ${Math.round(size / MIB)} MiB`)
    },
  })
  progress.note(
    `copied ${parts} ${parts === 1 ? 'part' : 'parts'}${bytes === 0 ? '' : `, ${(bytes / MIB).toFixed(1)} MiB sent`}; ${referrers.length} ${referrers.length === 1 ? 'attachment' : 'attachments'}`,
  )
}
