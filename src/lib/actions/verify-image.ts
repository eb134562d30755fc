/**
 * Image and policy in, one verdict out. The record is written before the answer is given.
 *
 * What cannot be reached or read becomes a check of its own: `could-not-check`
 * is a verdict, and never a pass.
 */
import {UNNAMED_SYSTEM} from '../config/schema.ts'
import {AppError, EXIT, REASONS, worstExit, type ExitCode} from '../errors.ts'
import {verifyImage as checkContent} from '../images/verify-image.ts'
import {seenAsOf} from '../policy/as-of.ts'
import {triedSignatures, type TriedSignature} from '../policy/checks/signature.ts'
import {conclude, judge} from '../policy/judge.ts'
import type {Check, Judgement, Observation, Policy, RevocationList} from '../policy/model.ts'
import {nameImage} from '../policy/name-image.ts'
import {trustOf} from '../policy/trust.ts'
import type {Context} from '../ports/context.ts'
import type {Target} from '../ports/images.ts'
import {attachedReader, observeImage} from './observe-image.ts'
import {openImage, repositoryOf, type OpenImage} from './open-image.ts'
import {readRevocations} from './read-revocations.ts'
import {selectPolicy} from './select-policy.ts'

export interface VerifyRequest {
  readonly image: string
  readonly environment?: string
  readonly key?: string
  readonly repository?: string
  /** Judge as of this instant; default now. */
  readonly asOf?: Date
}

export interface VerifyResult extends Judgement {
  readonly image: string
  readonly repository: string | undefined
  readonly digest: string | undefined
  readonly environment: string
  /** SHA-256 of the policy, hex. */
  readonly policy: string
  readonly asOf: string
  readonly record: string | undefined
  readonly recorded: boolean
}

export async function verifyImage(request: VerifyRequest, context: Context): Promise<VerifyResult> {
  const asOf = request.asOf ?? context.now()
  const target = await context.target(request.image)
  const named = request.repository ?? (target.kind === 'registry' ? target.repository : undefined)
  const selected = await selectPolicy({...pick(request), ...(named !== undefined && {repository: named})}, context)
  // A flag that is given is never ignored.
  const policy = request.repository === undefined ? selected : {...selected, repository: request.repository}
  const repository = named ?? policy.repository
  const revocations = await readRevocations(context)

  context.progress.step(`Verifying ${request.image} for ${policy.name}`)
  const {judgement, digest} = await judgeImage(request.image, repository, {policy, revocations, asOf}, context)
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
    const observed = await observeImage(open, repositoryOf(open, repository), look)
    const observation = seenAsOf({...observed, ...(revocations !== undefined && {revocations})}, {asOf, now: context.now()})
    return {judgement: judge(observation, policy, asOf), digest: open.digest, tried: triedSignatures(observation, policy, asOf), observation}
  } catch (error) {
    if (!(error instanceof AppError) || !/^(image|registry|referrers)\./.test(error.code)) throw error
    return {judgement: conclude([unreachable(error, open)]), digest: open?.digest, tried: []}
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

/** No record, no verdict: a pass that cannot be recorded is none; a failure stays one and says "not recorded". */
export async function recordVerdict(result: VerifyResult, context: Context): Promise<VerifyResult> {
  const recorder = await context.recorder()
  if (!recorder.enabled) return result
  // Outside any project there is nobody to record for. Inside a run a step that leaves no record is a gap, and refused below.
  if (context.config.system === UNNAMED_SYSTEM && context.variable('HIPAA_CI_RUN') === undefined) return result
  try {
    const {id} = await recorder.write({
      stream: 'verification',
      ...(result.digest !== undefined && {subject: subjectOf(result.repository, result.digest)}),
      environment: result.environment.replace(/[()]/g, ''),
      outcome: result.verdict === 'verified' ? 'pass' : result.verdict === 'failed' ? 'fail' : 'error',
      detail: {
        policy: result.policy,
        as_of: result.asOf,
        verdict: result.verdict,
        checks: result.checks.map(({name, state, reason}) => ({name, state, ...(reason !== undefined && {reason})})),
      },
    })
    return {...result, record: id, recorded: true}
  } catch (error) {
    if (result.verdict === 'verified') throw error
    context.progress.note(`not recorded: ${error instanceof Error ? error.message : String(error)}`)
    const exitCode: ExitCode = error instanceof AppError ? worstExit([result.exitCode, error.exitCode]) : result.exitCode
    return {...result, exitCode}
  }
}

/** The `subject` of a record about an image. */
export function subjectOf(repository: string | undefined, digest: string): string {
  return repository === undefined ? `urn:hipaa-ci:image:${digest}` : `${repository}@${digest}`
}

function pick({environment, key}: VerifyRequest): {environment?: string; key?: string} {
  return {...(environment !== undefined && {environment}), ...(key !== undefined && {key})}
}
