/**
 * The admission server: judges what a cluster asks, and says nothing that is not recorded.
 *
 * At its start the log is opened, the policy read, the run of this boot begun, and what it enforces recorded: without any of
 * these nothing listens. Where nothing is asked it says every hour that it is there. Stopped, it answers what it has begun, ends its run, and ships what it can; what stays in the log
 * is shipped at the next start.
 */
import type {Config} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import {jobName} from '../../evidence/run-state.ts'
import type {AdmissionLog, AdmissionLogBounds} from '../../ports/admission-log.ts'
import type {AdmissionRequest, AdmissionServerOptions, CertificateState} from '../../ports/admission-server.ts'
import type {Context} from '../../ports/context.ts'
import type {LoginRenewal, RenewLogins} from '../../ports/credentials.ts'
import {checkCovered} from './check-registries.ts'
import {createAnswerer, type AnsweredKey} from './answer-keys.ts'
import {turnDaily} from './daily-runs.ts'
import {holdGround, type GroundHolder} from './hold-ground.ts'
import {enforcementRecords} from './record-enforcement.ts'
import {renewLogins} from './renew-logins.ts'
import {openEvidenceRoad, type EvidenceRoad, type RoadTelemetry} from './open-evidence-road.ts'
import {signsOfLife} from './signs-of-life.ts'
import {certificateWarnings, type EndingCertificate} from './warn-of-certificates.ts'

export interface ServeRequest {
  readonly cluster: string
  /** What tells this one from others of the cluster: the name of the pod. */
  readonly replica: string
  readonly server: AdmissionServerOptions
  /** Undefined: each record is in the store before the reply. */
  readonly log?: {readonly folder: string; readonly bounds: AdmissionLogBounds}
  /** As it stands now: read anew at every call. */
  readonly readConfig: () => Promise<Config>
  readonly renewLogins: RenewLogins
}

/** Who is told of what goes on: logs and metrics. Never throws. */
export interface Telemetry extends RoadTelemetry {
  readonly onKey: (answered: AnsweredKey) => void
  readonly onRequest: (request: AdmissionRequest) => void
  readonly onCertificates: (state: CertificateState) => void
  /** A new day has begun, and with it a run. */
  readonly onRun: (runid: string) => void
  /** What ends soon, each day; nothing where nothing does any more. */
  readonly onEnding: (ending: readonly EndingCertificate[]) => void
  readonly onLogin: (renewal: LoginRenewal) => void
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
  /** Of its first day. */
  readonly runid: string
  /** Once, whoever calls it how often. `delay`: milliseconds in which a cluster learns that it is going. @throws AppError `admission.log-*` where the end of the run could not be written */
  stop(delay?: number): Promise<void>
}

/** @throws AppError `usage.flag`, `admission.*`, `policy.*`, `store.*`, `record.*`; then nothing of it is left open */
export async function serveAdmission(request: ServeRequest, telemetry: Telemetry, context: Context): Promise<Serving> {
  const {cluster, replica} = request
  if (!(await context.recorder()).enabled)
    throw new AppError('usage.flag', 'with --no-record nothing could be answered: a verdict is recorded before it is told', {fix: 'Leave --no-record out.'})
  checkCovered(cluster, await request.readConfig())
  const ground = holdGround({cluster, readConfig: request.readConfig, wait: context.wait}, context)
  await ground.refresh()
  const {fault} = ground.state()
  if (fault !== undefined) throw fault
  const road = await openEvidenceRoad({job: jobName(`admission/${cluster}/${replica}`), log: request.log}, telemetry, context)
  try {
    return await serveOver(road, ground, request, telemetry, context)
  } catch (error) {
    // Nobody was answered: the run ends, the log is free, and what is told is why.
    await road.close().catch(telemetry.onFault)
    throw error
  }
}

async function serveOver(
  road: EvidenceRoad,
  ground: GroundHolder,
  {cluster, replica, ...request}: ServeRequest,
  telemetry: Telemetry,
  context: Context,
): Promise<Serving> {
  const life = signsOfLife(road.runs.recorder, context)
  const enforced = enforcementRecords({cluster, replica, log: request.log === undefined ? 'store' : 'volume'}, life.recorder)
  const holder = tellingGround(ground, enforced)
  await holder.current()
  const answerer = createAnswerer({cluster, ground: holder, recorder: life.recorder, wait: context.wait, onAnswer: telemetry.onKey}, context)
  const warnings = certificateWarnings(telemetry.onEnding, context)
  const start = await context.startAdmissionServer()
  const server = await start(request.server, {
    answer: async (body) => answerer.answer(body),
    unready: () => ground.state().fault?.message,
    metrics: () => telemetry.metrics({log: road.waiting(), verdicts: answerer.kept().verdicts}),
    onRequest: telemetry.onRequest,
    onCertificates(state) {
      telemetry.onCertificates(state)
      warnings.seen(state)
    },
    onFault: telemetry.onFault,
  })
  const gone = new AbortController()
  const alive = life.watch(async (again) => void (await tellingGround(ground, enforced, again).current()), telemetry.onFault, gone.signal)
  const renewing = renewLogins(request.renewLogins, {told: telemetry.onLogin, wait: context.wait, stop: gone.signal})
  const {now, wait} = context
  const turning = turnDaily(road.runs, {now, wait, stop: gone.signal, onFault: telemetry.onFault, onRun: telemetry.onRun})
  const warning = warnings.watch(gone.signal)
  const stop = async (delay = 0) => {
    await server.close(delay > 0 ? context.wait(delay, new AbortController().signal) : undefined)
    gone.abort()
    await Promise.all([alive, renewing, turning, warning])
    await road.close()
  }
  let stopping: Promise<void> | undefined
  return {url: server.url, observeUrl: server.observeUrl, runid: road.runs.runid(), stop: async (delay) => (stopping ??= stop(delay))}
}

/** Nothing is judged by a policy that no record says is in force. */
function tellingGround(ground: GroundHolder, enforced: ReturnType<typeof enforcementRecords>, again = false): Pick<GroundHolder, 'current'> {
  return {
    async current() {
      const held = await ground.current()
      // Where there is none all is refused, and each refusal says why.
      if (held.policy !== undefined) await enforced(held.policy, held.context.config.admission, again)
      return held
    },
  }
}
