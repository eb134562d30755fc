/**
 * How a server's records become evidence: by the write-ahead log, from which they are shipped, or straight into the store.
 *
 * What the last boot left in the log is shipped from the first moment on.
 */
import type {AdmissionLog, AdmissionLogBounds} from '../../ports/admission-log.ts'
import type {Context} from '../../ports/context.ts'
import {beginServerRun, type ServerRun} from './begin-server-run.ts'
import {beginStoredRun} from './begin-stored-run.ts'
import {shipLog, shipWaiting, type Shipping} from './ship-log.ts'

export interface EvidenceRoad {
  readonly run: ServerRun
  /** What waits in the log; nothing where there is none. */
  waiting(): ReturnType<AdmissionLog['state']>
  /** Ends the run, and ships what it can. @throws AppError `admission.log-*`, `store.*` where the end could not be written */
  close(): Promise<void>
}

export interface RoadTelemetry {
  readonly onShipping: Shipping['told']
  readonly onShipped: Shipping['shipped']
  readonly onFault: (error: unknown) => void
}

export interface RoadRequest {
  readonly job: string
  /** Undefined: each record is in the store before the reply. */
  readonly log: {readonly folder: string; readonly bounds: AdmissionLogBounds} | undefined
}

/** @throws AppError `admission.log-*`, `store.*`, `record.*` */
export async function openEvidenceRoad(
  {job, log: wanted}: RoadRequest,
  {onShipping, onShipped, onFault}: RoadTelemetry,
  context: Context,
): Promise<EvidenceRoad> {
  if (wanted === undefined) {
    const run = await beginStoredRun({job}, context)
    return {run, waiting: () => ({bytes: 0, objects: 0}), close: async () => run.end()}
  }
  const log = await context.admissionLog(wanted.folder, wanted.bounds)
  const {now, newId} = context
  const shipping: Shipping = {
    log,
    job,
    now,
    newId,
    store: await context.store(),
    recorderAt: async (position) => context.recorder(position),
    told: onShipping,
    damaged: onFault,
    shipped: onShipped,
  }
  const stopped = new AbortController()
  const shipped = shipLog(shipping, {stop: stopped.signal, pause: context.wait}).catch(onFault)
  const run = await beginServerRun(log, {job}, context)
  return {
    run,
    waiting: () => log.state(),
    async close() {
      await run.end()
      stopped.abort()
      await shipped
      const fault = await shipWaiting(shipping)
      if (fault !== undefined) onShipping(fault)
      await log.close()
    },
  }
}
