/**
 * How a server's records become evidence: by the write-ahead log, from which they are shipped, or straight into the store.
 *
 * What the last boot left in the log is shipped from the first moment on. Where that is more than the log may hold, the run
 * begins once enough of it is in the store, and not at all while the store is out of reach.
 */
import {AppError} from '../../errors.ts'
import type {AdmissionLog, AdmissionLogBounds} from '../../ports/admission-log.ts'
import type {Context} from '../../ports/context.ts'
import {beginServerRun} from './begin-server-run.ts'
import {beginStoredRun} from './begin-stored-run.ts'
import {dailyRuns, type DailyRuns} from './daily-runs.ts'
import {shipLog, shipWaiting, type Shipping, type ShippingFault} from './ship-log.ts'

/** Milliseconds between two tries to begin. */
const LOOK = 100

export interface EvidenceRoad {
  readonly runs: Omit<DailyRuns, 'end'>
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
    const runs = dailyRuns(run, {begin: async (previous) => beginStoredRun({job, previous}, context), beside: true})
    return {runs, waiting: () => ({bytes: 0, objects: 0}), close: async () => runs.end()}
  }
  const log = await context.admissionLog(wanted.folder, wanted.bounds)
  const {now, newId} = context
  const stopped = new AbortController()
  let fault: ShippingFault | undefined
  const shipping: Shipping = {
    log,
    job,
    now,
    newId,
    store: await context.store(),
    recorderAt: async (position) => context.recorder(position),
    told(next) {
      fault = next
      onShipping(next)
    },
    damaged: onFault,
    shipped: onShipped,
  }
  let isShipping = true
  const shipped = shipLog(shipping, {stop: stopped.signal, pause: context.wait}).catch((error: unknown) => {
    isShipping = false
    onFault(error)
  })
  const leave = async () => {
    stopped.abort()
    await shipped
  }
  const run = await whereThereIsRoom(async () => beginServerRun(log, {job}, context), {
    isOutOfReach: () => fault !== undefined || !isShipping,
    look: async () => context.wait(LOOK, stopped.signal),
  }).catch(async (error: unknown) => {
    await leave()
    await log.close()
    throw error
  })
  const runs = dailyRuns(run, {begin: async () => beginServerRun(log, {job}, context), beside: false})
  return {
    runs,
    waiting: () => log.state(),
    async close() {
      try {
        await runs.end()
      } finally {
        await leave()
        const inTheWay = await shipWaiting(shipping)
        if (inTheWay !== undefined) onShipping(inTheWay)
        await log.close()
      }
    },
  }
}

/** An outage may have left more than the log takes: no reason to stay away once the store is back. */
async function whereThereIsRoom<T>(
  begin: () => Promise<T>,
  {isOutOfReach, look}: {readonly isOutOfReach: () => boolean; readonly look: () => Promise<void>},
): Promise<T> {
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one try after another
      return await begin()
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'admission.log-full' || isOutOfReach()) throw error
    }
    // oxlint-disable-next-line no-await-in-loop -- waiting is the point
    await look()
  }
}
