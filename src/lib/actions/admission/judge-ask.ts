/**
 * Judges every image that a cluster asks about, by the code that `verify` uses.
 *
 * Each judged image leaves a record before the answer is given, allowed or refused; an allow without a record is none.
 */
import {admissionDetail} from '../../admission/admission-detail.ts'
import {exitOf, withoutRecord, type ImageVerdict} from '../../admission/image-verdict.ts'
import type {PodAsk} from '../../admission/pod-ask.ts'
import type {PodImage} from '../../admission/pod-images.ts'
import type {ExitCode} from '../../errors.ts'
import type {DetailOf} from '../../evidence/schema.ts'
import type {Exemption, ExemptionPlace} from '../../policy/exemption.ts'
import type {Context} from '../../ports/context.ts'
import type {Recorder, RecordInput} from '../../ports/evidence-store.ts'
import {inOrder} from '../in-order.ts'
import {subjectOf} from '../verify/record-verdict.ts'
import {exemptImages, exemptionUses} from './exempt-images.ts'
import type {Ground} from './find-ground.ts'

export interface AskRequest {
  readonly ask: PodAsk
  readonly cluster: string
  readonly mode: DetailOf<'admission'>['mode']
}

/** How a verdict is come by: anew each time, or from what was judged before. */
export interface Judging {
  readonly ground: (namespace: string) => Promise<Ground>
  readonly judge: (place: PodImage, ground: Ground, now: Date) => Promise<ImageVerdict>
  /** What lets a refused image in all the same. */
  readonly exempt: (refused: ImageVerdict, place: Omit<ExemptionPlace, 'digest'>, ground: Ground, now: Date) => Promise<Exemption | undefined>
  readonly recorder: AskRecorder
}

/** As much of a recorder as it takes. */
export interface AskRecorder extends Pick<Recorder, 'enabled'> {
  writeAll(inputs: readonly RecordInput<'admission' | 'break-glass'>[]): Promise<readonly {readonly id: string}[]>
}

export interface DecidedImage extends ImageVerdict {
  /** Id of its record; undefined where none was written. */
  readonly record?: string
}

export interface DecidedAsk {
  readonly exitCode: ExitCode
  readonly allowed: boolean
  readonly environment: string | undefined
  /** SHA-256 of the policy, hex. */
  readonly policy: string | undefined
  readonly asOf: string
  readonly images: readonly DecidedImage[]
  /** False under --no-record, or where a refusal could not be recorded. */
  readonly recorded: boolean
}

/** Images that are judged at the same time: each may cost calls of a registry. */
const AT_ONCE = 8

export async function judgeAsk({ask, cluster, mode}: AskRequest, judging: Judging, context: Pick<Context, 'now' | 'progress'>): Promise<DecidedAsk> {
  const now = context.now()
  const ground = await judging.ground(ask.namespace)
  const place = {cluster, namespace: ask.namespace}
  const verdicts = await exemptImages(await judgeAll(ask.images, ground, now, judging), async (refused) => judging.exempt(refused, place, ground, now))
  const images = await recordAll(verdicts, {ask, cluster, mode}, ground, judging.recorder, context)
  const judged = images.filter(({verdict}) => verdict !== 'unchanged')
  return {
    exitCode: exitOf(images),
    allowed: images.every(({allowed}) => allowed),
    environment: ground.environment,
    policy: ground.policy?.digest,
    asOf: now.toISOString(),
    images,
    recorded: judging.recorder.enabled && judged.every(({record}) => record !== undefined),
  }
}

/** The same image in two places is judged once. */
async function judgeAll(places: readonly PodImage[], ground: Ground, now: Date, {judge}: Judging): Promise<ImageVerdict[]> {
  const changed = [...new Map(places.filter(({unchanged}) => !unchanged).map((place) => [place.image, place])).values()]
  const known = new Map<string, ImageVerdict>()
  for await (const [image, verdict] of inOrder(changed, AT_ONCE, async (place) => [place.image, await judge(place, ground, now)] as const))
    known.set(image, verdict)
  return Promise.all(
    places.map(async (place) => {
      const verdict = place.unchanged ? undefined : known.get(place.image)
      return {...(verdict ?? (await judge(place, ground, now))), path: place.path}
    }),
  )
}

/** In one batch: either all of them are in the chain, or the pod is refused. */
async function recordAll(
  verdicts: readonly ImageVerdict[],
  asked: AskRequest,
  ground: Ground,
  recorder: AskRecorder,
  {progress}: Pick<Context, 'progress'>,
): Promise<DecidedImage[]> {
  // What was not judged has no verdict to record: it was judged when the pod first named it.
  const inputs = verdicts.flatMap((judged, at) =>
    judged.verdict === 'unchanged' ? [] : [{at, input: inputOf({...judged, verdict: judged.verdict}, asked, ground)}],
  )
  if (!recorder.enabled || inputs.length === 0) return [...verdicts]
  try {
    const written = await recorder.writeAll([...inputs.map(({input}) => input), ...exemptionUses(verdicts, asked, ground.environment ?? 'none')])
    const ids = new Map(inputs.map(({at}, nth) => [at, written[nth]?.id]))
    return verdicts.map((judged, at) => {
      const record = ids.get(at)
      return record === undefined ? judged : {...judged, record}
    })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    progress.note(`not recorded: ${why}`)
    return verdicts.map((judged) => (judged.allowed && judged.verdict !== 'unchanged' ? withoutRecord(judged, why) : judged))
  }
}

function inputOf(
  judged: ImageVerdict & {verdict: DetailOf<'admission'>['verdict']},
  {ask, cluster, mode}: AskRequest,
  ground: Ground,
): RecordInput<'admission' | 'break-glass'> {
  return {
    stream: 'admission',
    subject: judged.digest === undefined ? `urn:hipaa-ci:admission:${ask.uid || 'audit'}` : subjectOf(judged.repository, judged.digest),
    environment: ground.environment ?? 'none',
    outcome: judged.exemption !== undefined ? 'warn' : judged.allowed ? 'pass' : judged.verdict === 'could-not-check' ? 'error' : 'fail',
    detail: admissionDetail(ask, {cluster, mode, policy: ground.policy?.digest}, judged),
    blobs: ground.policy?.texts ?? [],
  }
}
