/**
 * Image and policy in, one verdict out. The record is written before the answer is given.
 *
 * What cannot be reached or read becomes a check of its own: `could-not-check`
 * is a verdict, and never a pass.
 */
import {AppError} from '../errors.ts'
import {nameImage} from '../policy/name-image.ts'
import type {Context} from '../ports/context.ts'
import type {Target} from '../ports/images.ts'
import {attestVerdict, verdictKey, type AttestVerdict} from './attest-verdict.ts'
import {judgeGiven, judgeImage} from './judge-image.ts'
import {readRevocations} from './read-revocations.ts'
import {recordVerdict, type VerifyResult} from './record-verdict.ts'
import {selectPolicy, type PolicyRequest} from './select-policy.ts'

export interface VerifyRequest extends PolicyRequest {
  readonly image: string
  /** Paths of bundles: these are all that is attached, and no registry is asked. The image is then named by its digest. */
  readonly bundles?: readonly string[]
  /** Judge as of this instant; default now. */
  readonly asOf?: Date
  /** Sign the verdict, whatever it is, and attach it to the image. */
  readonly attest?: AttestVerdict
}

export async function verifyImage(request: VerifyRequest, context: Context): Promise<VerifyResult> {
  refuseAttesting(request)
  const asOf = request.asOf ?? context.now()
  const target = await context.target(request.image)
  const named = request.repository ?? (target.kind === 'registry' ? target.repository : undefined)
  const {repository: _given, attest, ...asked} = request
  const selected = await selectPolicy({...asked, ...(named !== undefined && {repository: named})}, context)
  // A flag that is given is never ignored.
  const policy = request.repository === undefined ? selected : {...selected, repository: request.repository}
  const repository = named ?? policy.repository
  const revocations = await readRevocations(context)
  // A key that cannot be used is told before anything else is done.
  const key = attest === undefined ? undefined : await verdictKey(attest, context)

  context.progress.step(`Verifying ${request.image} for ${policy.name}`)
  const ground = {policy, revocations, asOf}
  const judged =
    request.bundles === undefined
      ? await judgeImage(request.image, repository, ground, context)
      : await judgeGiven(target, request.bundles, repository, ground, context)
  const {judgement, digest} = judged
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
  const recorded = await recordVerdict(result, context)
  return key === undefined ? recorded : attestVerdict(recorded, {...judged, policy, key}, context)
}

/** What is signed now is about now, and lies beside the image. */
function refuseAttesting({attest, asOf, bundles}: VerifyRequest): void {
  const beside = asOf !== undefined ? '--as-of' : bundles !== undefined ? '--bundle' : undefined
  if (attest === undefined || beside === undefined) return
  const why = asOf !== undefined ? 'a verdict is signed as of now' : 'a verdict is attached to an image in its registry'
  throw new AppError('usage.flag', `${why}, so --attest does not go with ${beside}`, {fix: 'Leave one of them out.'})
}

/** What a person types for this image: a layout is named by its path, and by the repository that it stands for. */
function imageArgument(target: Target, repository: string | undefined, digest: string | undefined): string {
  if (target.kind !== 'registry') return repository === undefined ? target.text : `${target.text} --repository ${repository}`
  return digest === undefined ? target.text : `${target.repository}@${digest}`
}
