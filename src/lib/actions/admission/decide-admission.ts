/**
 * Judges every image of a pod that is about to be created or changed, by the
 * code that `verify` uses. Each judged image leaves a record before the answer
 * is given, allowed or refused; an allow without a record is none.
 */
import {resolve} from 'node:path'
import {admissionDetail} from '../../admission/admission-detail.ts'
import {exitOf, withoutRecord, type ImageVerdict} from '../../admission/image-verdict.ts'
import {podImages, type PodImage} from '../../admission/pod-images.ts'
import {admissionAnswer, type AdmissionAnswer} from '../../admission/response.ts'
import {parseReview, type PodRequest} from '../../admission/review.ts'
import type {ExitCode} from '../../errors.ts'
import type {DetailOf} from '../../evidence/schema.ts'
import type {Context} from '../../ports/context.ts'
import type {Recorder} from '../../ports/evidence-store.ts'
import {findGround, judgePlace, type Ground} from './judge-pod-image.ts'
import {subjectOf} from '../verify/record-verdict.ts'

export interface DecideRequest {
  /** Path of an AdmissionReview as JSON; `-` is standard input. */
  readonly file: string
  readonly cluster: string
  readonly mode: DetailOf<'admission'>['mode']
}

export interface DecidedImage extends ImageVerdict {
  /** Id of its record; undefined where none was written. */
  readonly record?: string
}

export interface DecideResult {
  readonly exitCode: ExitCode
  readonly allowed: boolean
  readonly uid: string
  readonly cluster: string
  readonly namespace: string
  readonly operation: string
  readonly dryRun: boolean
  readonly mode: DecideRequest['mode']
  readonly user: string | undefined
  readonly environment: string | undefined
  /** SHA-256 of the policy, hex. */
  readonly policy: string | undefined
  readonly asOf: string
  readonly images: readonly DecidedImage[]
  /** False under --no-record, or where a refusal could not be recorded. */
  readonly recorded: boolean
  /** For the API server; undefined under --no-record: without records there is no answer. */
  readonly review: AdmissionAnswer | undefined
}

/** @throws AppError `usage.input` */
export async function decideAdmission(request: DecideRequest, context: Context): Promise<DecideResult> {
  const now = context.now()
  const pod = parseReview(await context.files.read(request.file === '-' ? '-' : resolve(context.cwd, request.file)))
  const places = podImages(pod)
  const recorder = await context.recorder()
  const ground = await findGround(request.cluster, pod.namespace, context)
  const verdicts = await judgeAll(places, ground, now, context)

  const images: DecidedImage[] = []
  for (const verdict of verdicts) {
    // oxlint-disable-next-line no-await-in-loop -- records of one request follow one another
    images.push(await recordImage(verdict, pod, request, ground, recorder, context))
  }
  const judged = images.filter(({verdict}) => verdict !== 'unchanged')
  return {
    exitCode: exitOf(images),
    allowed: images.every(({allowed}) => allowed),
    uid: pod.uid,
    cluster: request.cluster,
    namespace: pod.namespace,
    operation: [pod.operation, pod.subresource].filter((part) => part !== undefined).join(' '),
    dryRun: pod.dryRun,
    mode: request.mode,
    user: pod.user,
    environment: ground.environment,
    policy: ground.policy?.digest,
    asOf: now.toISOString(),
    images,
    recorded: recorder.enabled && judged.every(({record}) => record !== undefined),
    review: recorder.enabled ? admissionAnswer(pod.uid, images) : undefined,
  }
}

/** The same image in two places is judged once. */
async function judgeAll(places: readonly PodImage[], ground: Ground, now: Date, context: Context): Promise<ImageVerdict[]> {
  const known = new Map<string, ImageVerdict>()
  const verdicts: ImageVerdict[] = []
  for (const place of places) {
    // oxlint-disable-next-line no-await-in-loop -- a pod with many images must not become a storm of requests
    const verdict = known.get(place.image) ?? (await judgePlace(place, ground, now, context))
    if (!place.unchanged) known.set(place.image, verdict)
    verdicts.push({...verdict, path: place.path})
  }
  return verdicts
}

async function recordImage(
  judged: ImageVerdict,
  pod: PodRequest,
  {cluster, mode}: DecideRequest,
  ground: Ground,
  recorder: Recorder,
  context: Context,
): Promise<DecidedImage> {
  const {verdict} = judged
  // What was not judged has no verdict to record: it was judged when the pod first named it.
  if (verdict === 'unchanged' || !recorder.enabled) return judged
  try {
    const {id} = await recorder.write({
      stream: 'admission',
      subject: judged.digest === undefined ? `urn:hipaa-ci:admission:${pod.uid}` : subjectOf(judged.repository, judged.digest),
      environment: ground.environment ?? 'none',
      outcome: judged.allowed ? 'pass' : verdict === 'could-not-check' ? 'error' : 'fail',
      detail: admissionDetail(pod, {cluster, mode, policy: ground.policy?.digest}, {...judged, verdict}),
      blobs: ground.policy?.texts ?? [],
    })
    return {...judged, record: id}
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    context.progress.note(`not recorded: ${why}`)
    return judged.allowed ? withoutRecord(judged, why) : judged
  }
}
