/**
 * The admission server: judges what a cluster asks, and says nothing that is not recorded.
 *
 * At its start the log is opened, the policy read, the run of this boot begun, and what it enforces recorded: without any of
 * these nothing listens. Stopped, it answers what it has begun, ends its run, and ships what it can; what stays in the log
 * is shipped at the next start.
 */
import type {Config} from '../../config/schema.ts'
import {jobName} from '../../evidence/run-state.ts'
import type {AdmissionLog, AdmissionLogBounds} from '../../ports/admission-log.ts'
import type {AdmissionRequest, AdmissionServerOptions, CertificateState} from '../../ports/admission-server.ts'
import type {Context} from '../../ports/context.ts'
import {createAnswerer, type AnsweredKey} from './answer-keys.ts'
import {holdGround, type GroundHolder} from './hold-ground.ts'
import {enforcementRecords} from './record-enforcement.ts'
import {openEvidenceRoad, type RoadTelemetry} from './open-evidence-road.ts'

export interface ServeRequest {
  readonly cluster: string
  /** What tells this one from others of the cluster: the name of the pod. */
  readonly replica: string
  readonly server: AdmissionServerOptions
  /** Undefined: each record is in the store before the reply. */
  readonly log?: {readonly folder: string; readonly bounds: AdmissionLogBounds}
  /** As it stands now: read anew at every call. */
  readonly readConfig: () => Promise<Config>
}

/** Who is told of what goes on: logs and metrics. Never throws. */
export interface Telemetry extends RoadTelemetry {
  readonly onKey: (answered: AnsweredKey) => void
  readonly onRequest: (request: AdmissionRequest) => void
  readonly onCertificates: (state: CertificateState) => void
  /** Prometheus text. @param now what stands in the gauges */
  readonly metrics: (now: Gauges) => string
}

export interface Gauges {
  readonly log: ReturnType<AdmissionLog['state']>
  /** Verdicts on images that are remembered. */
  readonly verdicts: number
}

export interface Serving {
  readonly url: string
  readonly observeUrl: string
  readonly runid: string
  /** Once, whoever calls it how often. @throws AppError `admission.log-*` where the end of the run could not be written */
  stop(): Promise<void>
}

/** @throws AppError `admission.*`, `policy.*`, `store.*`, `record.*` */
export async function serveAdmission(request: ServeRequest, telemetry: Telemetry, context: Context): Promise<Serving> {
  const {cluster, replica} = request
  const ground = holdGround({cluster, readConfig: request.readConfig, wait: context.wait}, context)
  await ground.refresh()
  const {fault} = ground.state()
  if (fault !== undefined) throw fault
  const road = await openEvidenceRoad({job: jobName(`admission/${cluster}/${replica}`), log: request.log}, telemetry, context)
  const {run} = road
  const enforced = enforcementRecords({cluster, replica, log: request.log === undefined ? 'store' : 'volume'}, run.recorder)
  const holder = tellingGround(ground, enforced)
  await holder.current()
  const answerer = createAnswerer({cluster, ground: holder, recorder: run.recorder, wait: context.wait, onAnswer: telemetry.onKey}, context)
  const start = await context.startAdmissionServer()
  const server = await start(request.server, {
    answer: async (body) => answerer.answer(body),
    unready: () => ground.state().fault?.message,
    metrics: () => telemetry.metrics({log: road.waiting(), verdicts: answerer.kept().verdicts}),
    onRequest: telemetry.onRequest,
    onCertificates: telemetry.onCertificates,
    onFault: telemetry.onFault,
  })
  const stop = async () => {
    await server.close()
    await road.close()
  }
  let stopping: Promise<void> | undefined
  return {url: server.url, observeUrl: server.observeUrl, runid: run.runid, stop: async () => (stopping ??= stop())}
}

/** Nothing is judged by a policy that no record says is in force. */
function tellingGround(ground: GroundHolder, enforced: ReturnType<typeof enforcementRecords>): Pick<GroundHolder, 'current'> {
  return {
    async current() {
      const held = await ground.current()
      // Where there is none all is refused, and each refusal says why.
      if (held.policy !== undefined) await enforced(held.policy, held.context.config.admission)
      return held
    },
  }
}
