/** One AdmissionReview out of a file, judged as a cluster would judge it. */
import {resolve} from 'node:path'
import {askOf} from '../../admission/pod-ask.ts'
import {admissionAnswer, type AdmissionAnswer} from '../../admission/response.ts'
import {parseReview} from '../../admission/review.ts'
import type {DetailOf} from '../../evidence/schema.ts'
import type {Context} from '../../ports/context.ts'
import {findExemption} from './find-exemption.ts'
import {findGround} from './find-ground.ts'
import {judgeAsk, type DecidedAsk, type Judging} from './judge-ask.ts'
import {judgePlace} from './judge-pod-image.ts'

export interface DecideRequest {
  /** Path of an AdmissionReview as JSON; `-` is standard input. */
  readonly file: string
  readonly cluster: string
  readonly mode: DetailOf<'admission'>['mode']
}

export interface DecideResult extends DecidedAsk {
  readonly uid: string
  readonly cluster: string
  readonly namespace: string
  readonly operation: string
  readonly dryRun: boolean
  readonly mode: DecideRequest['mode']
  readonly user: string | undefined
  /** For the API server; undefined under --no-record: without records there is no answer. */
  readonly review: AdmissionAnswer | undefined
}

/** @throws AppError `usage.input` */
export async function decideAdmission({file, cluster, mode}: DecideRequest, context: Context): Promise<DecideResult> {
  const ask = askOf(parseReview(await context.files.read(file === '-' ? '-' : resolve(context.cwd, file))))
  const recorder = await context.recorder()
  const judging = {
    ground: async (namespace: string) => findGround(cluster, namespace, context),
    judge: async (...asked: readonly [Parameters<typeof judgePlace>[0], Parameters<typeof judgePlace>[1], Date]) => judgePlace(...asked, context),
    exempt: async (...asked: Parameters<Judging['exempt']>) => findExemption(...asked, context),
    recorder,
  }
  const decided = await judgeAsk({ask, cluster, mode}, judging, context)
  return {
    ...decided,
    uid: ask.uid,
    cluster,
    namespace: ask.namespace,
    operation: [ask.operation, ask.subresource].filter((part) => part !== undefined).join(' '),
    dryRun: ask.dryRun,
    mode,
    user: ask.user,
    review: recorder.enabled ? admissionAnswer(ask.uid, decided.images) : undefined,
  }
}
