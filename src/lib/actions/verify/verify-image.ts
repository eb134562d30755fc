/**
 * Image and policy in, one verdict out. The record is written before the answer is given.
 *
 * What cannot be reached or read becomes a check of its own: `could-not-check`
 * is a verdict, and never a pass.
 */
import {AppError} from '../../errors.ts'
import {decidingRules} from '../../policy/image-rules.ts'
import type {Policy} from '../../policy/model.ts'
import {nameImage} from '../../policy/name-image.ts'
import type {Context} from '../../ports/context.ts'
import type {Target} from '../../ports/images.ts'
import {attestVerdict, verdictKey, type AttestVerdict} from './attest-verdict.ts'
import {judgeGiven, judgeImage, type Ground, type JudgedImage} from './judge-image.ts'
import {judgeRuled} from './judge-ruled.ts'
import {readRevocations} from '../revoke/read-revocations.ts'
import {recordVerdict, type VerifyResult} from './record-verdict.ts'
import {selectPolicy, type PolicyRequest} from '../policy/select-policy.ts'

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
  const {image, attest} = request
  const asOf = request.asOf ?? context.now()
  const target = await context.target(image)
  const revocations = await readRevocations(context)
  // A key that cannot be used is told before anything else is done.
  const key = attest === undefined ? undefined : await verdictKey(attest, context)

  const judged = await judgeTarget(request, target, {revocations, asOf}, context)
  const {judgement, digest, repository, policy} = judged
  const result = {
    ...judgement,
    checks: nameImage(judgement.checks, imageArgument(target, repository, digest)),
    image,
    repository,
    digest,
    environment: policy.name,
    policy: policy.digest,
    asOf: asOf.toISOString(),
    record: undefined,
    recorded: false,
  }
  const recorded = await recordVerdict(result, policy, context)
  return key === undefined ? recorded : attestVerdict(recorded, {...judged, key}, context)
}

interface JudgedTarget extends JudgedImage {
  readonly repository: string | undefined
  readonly policy: Policy
}

/** By the policy of an environment, or of a signer that is named; what others built, by the rule that covers it. */
async function judgeTarget(request: VerifyRequest, target: Target, ground: Omit<Ground, 'policy'>, context: Context): Promise<JudgedTarget> {
  const {image, bundles, repository: given, attest: _attest, ...asked} = request
  const own = target.kind === 'registry' ? target.repository : undefined
  if (own !== undefined && isRuled(request, own, context)) {
    context.progress.step(`Verifying ${image} by the images rules`)
    return {...(await judgeRuled(image, own, ground, context)), repository: own}
  }
  const named = given ?? own
  const selected = await selectPolicy({...asked, ...(named !== undefined && {repository: named})}, context)
  // A flag that is given is never ignored.
  const policy = given === undefined ? selected : forRepository(selected, given)
  const repository = named ?? policy.repository
  context.progress.step(`Verifying ${image} for ${policy.name}`)
  const judged =
    bundles === undefined
      ? await judgeImage(image, repository, {...ground, policy}, context)
      : await judgeGiven(target, bundles, repository, {...ground, policy}, context)
  return {...judged, repository, policy}
}

function forRepository({floor, ...policy}: Policy, repository: string): Policy {
  return {...policy, repository, ...(floor !== undefined && {floor: {...floor, repository}})}
}

/** No environment's own image, and nobody said by what else to judge it. */
function isRuled({environment, key, identity, bundles, repository: given}: VerifyRequest, repository: string, {config}: Context): boolean {
  if ((environment ?? key ?? identity ?? bundles ?? given) !== undefined) return false
  const isOwn = Object.values(config.environments).some((each) => each.repository === repository)
  return !isOwn && decidingRules(repository, config.images).length > 0
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
