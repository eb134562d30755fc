/**
 * Brings what waits in the write-ahead log into the store, until it is told to stop: `shipLog(…)`; once: `shipWaiting(…)`.
 *
 * Rules: in the order of the log, some at a time; the blobs of a batch before its records. A batch is done when the store
 * has all of it, and when a `delivery` record accounts for what came late; only then the log lets it go. What was in the
 * store already is put again to no effect. A store that refuses is no other than one that is out of reach: it is told, and
 * asked again. Stopped: what is under way is finished or stays in the log.
 */
import {AppError, EXIT, REASONS} from '../../errors.ts'
import {parseRecordKey, ulidTime} from '../../evidence/key.ts'
import type {AdmissionLog, LoggedObject} from '../../ports/admission-log.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'
import {LATE, recordDelivery, type Delivering} from '../evidence/record-delivery.ts'
import {inOrder} from '../in-order.ts'

export interface Shipping extends Delivering {
  readonly log: AdmissionLog
  readonly store: EvidenceStore
  readonly now: () => Date
  /** Of the replica, for the runs of delivery records. */
  readonly job: string
  /** Told of each change: a fault, or that there is none any more. */
  readonly told: (fault: ShippingFault | undefined) => void
  /** Told where parts of the log are not what was written: at the beginning, and when more are found. */
  readonly damaged: (damage: AppError) => void
  readonly shipped: (counts: {readonly records: number; readonly blobs: number; readonly late: number}) => void
}

export type ShippingFault = Pick<AppError, 'code' | 'message'>

export interface ShipUntil {
  readonly stop: AbortSignal
  /** Ends after so many milliseconds, or at once when it is stopped; never throws. */
  readonly pause: (milliseconds: number, stop: AbortSignal) => Promise<void>
}

/** Objects of a batch, and of those on their way: a reader sees no more than so many out of order. */
const BATCH = 64
const AT_ONCE = 16
/** Bytes of a batch, as far as it is of more than one object. */
const BATCH_BYTES = 8 * 1024 * 1024
/** Milliseconds after which an empty log is looked at again. */
const LOOK = 250
const FIRST_WAIT = 500
const LONGEST_WAIT = 30_000

/** Ends when it is stopped, and after a fault that is ours. */
export async function shipLog(shipping: Shipping, {stop, pause}: ShipUntil): Promise<void> {
  let wait = 0
  let last: ShippingFault['code'] | undefined
  let damaged = 0
  while (!stop.aborted) {
    // oxlint-disable-next-line no-await-in-loop -- one pass after another
    const fault = await shipWaiting(shipping, stop)
    if (fault?.code !== last) shipping.told(fault)
    last = fault?.code
    const {damaged: parts, path} = shipping.log
    if (parts.length > damaged)
      shipping.damaged(new AppError('admission.log-damaged', `parts of ${path} are not what was written: ${parts.slice(damaged).join(', ')}`))
    damaged = parts.length
    wait = fault === undefined ? 0 : Math.min(LONGEST_WAIT, Math.max(FIRST_WAIT, wait * 2))
    // oxlint-disable-next-line no-await-in-loop -- waiting is the point
    if (!stop.aborted) await pause(wait === 0 ? LOOK : wait, stop)
  }
}

/** Until nothing waits, it is stopped, or something is in the way. @returns that */
export async function shipWaiting(shipping: Shipping, stop?: AbortSignal): Promise<ShippingFault | undefined> {
  try {
    for await (const batch of batches(shipping.log)) {
      if (stop?.aborted === true) return undefined
      await shipBatch(batch, shipping)
    }
    return undefined
  } catch (error) {
    if (!(error instanceof AppError) || REASONS[error.code].exit !== EXIT.unreachable) throw error
    return {code: error.code, message: error.message}
  }
}

/** What waits together is shipped together: nothing waits for a batch to fill. */
async function* batches(log: AdmissionLog): AsyncGenerator<readonly LoggedObject[]> {
  let [batch, bytes]: [LoggedObject[], number] = [[], 0]
  for await (const object of log.waiting()) {
    batch.push(object)
    bytes += object.bytes.length
    if (batch.length < BATCH && bytes < BATCH_BYTES) continue
    yield batch
    ;[batch, bytes] = [[], 0]
  }
  if (batch.length > 0) yield batch
}

async function shipBatch(batch: readonly LoggedObject[], shipping: Shipping): Promise<void> {
  const {log, now} = shipping
  const records = batch.flatMap((object) => {
    const parts = parseRecordKey(object.key)
    return parts === undefined ? [] : [{...parts, object}]
  })
  const blobs = batch.filter(({key}) => parseRecordKey(key) === undefined)
  await putAll(blobs, shipping)
  await putAll(
    records.map(({object}) => object),
    shipping,
  )
  const came = now().getTime()
  const late = records.filter(({id, stream}) => stream !== 'delivery' && came - ulidTime(id) > LATE)
  if (late.length > 0) await recordDelivery(late, {blobs: blobs.length, job: shipping.job}, shipping)
  const last = batch.at(-1)
  if (last !== undefined) await log.shipped(last)
  shipping.shipped({records: records.length, blobs: blobs.length, late: late.length})
}

async function putAll(objects: readonly LoggedObject[], {store}: Shipping): Promise<void> {
  for await (const _ of inOrder(objects, AT_ONCE, async ({key, bytes}) => store.put(key, bytes)));
}
