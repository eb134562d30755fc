/**
 * Delivers what waits in the spool, byte for byte: blobs first, then records in the order of their chains.
 *
 * Rules: a blob leaves the spool when the store has acknowledged it; a record when a `delivery` record, too, says that
 * it came late. A flush that broke off anywhere is finished by the next one, and what was in the store already is put
 * again to no effect. The delivery record goes straight into the store, in a run of the flusher's own: it depends on
 * nothing that could still wait. What is damaged or foreign stays, is named, and keeps nothing else back but the
 * records that name it. Two flushers at once both deliver, and both account for it.
 */
import {AppError, EXIT, REASONS, worstExit, type ExitCode, type ReasonCode} from '../../errors.ts'
import {blobKey} from '../../evidence/key.ts'
import {shellQuoted} from '../../evidence/shell-quoted.ts'
import {storeName} from '../../evidence/store-address.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore, Recorder} from '../../ports/evidence-store.ts'
import type {Spool} from '../../ports/spool.ts'
import type {WaitingRecord} from './delivery-order.ts'
import {checkedBytes, surveySpool, type Refused} from './survey-spool.ts'

export interface FlushResult {
  readonly spool: string
  /** False where the folder is no spool: nothing ever waited there. */
  readonly there: boolean
  readonly store: string
  /** Delivered now: a record counts when it is accounted for. */
  readonly records: number
  readonly blobs: number
  /** Ids of the delivery records. */
  readonly deliveries: readonly string[]
  /** What stays in the spool because it is damaged, or no evidence. */
  readonly refused: readonly Refused[]
  /** Why not all was delivered, though it could have been. */
  readonly fault?: {readonly code: ReasonCode; readonly message: string}
  readonly exitCode: ExitCode
}

interface Work {
  readonly spool: Spool
  readonly store: EvidenceStore
  readonly recorder: Recorder
  readonly refused: Map<string, Refused>
  readonly deliveries: string[]
  records: number
  blobs: number
}

/** As many digests as a delivery record takes. */
const CHUNK = 500

export interface FlushRequest {
  /** To the store that was named, also where the spool was made for another: whoever calls named it by hand. */
  readonly anyStore: boolean
}

/** @param context one that records straight into the store. @throws AppError `usage.flag`, `spool.unusable` */
export async function flushSpool({anyStore}: FlushRequest, context: Context): Promise<FlushResult> {
  const [spool, store, recorder] = [await context.spool(), await context.store(), await context.recorder()]
  if (spool === undefined)
    throw new AppError('usage.flag', 'it is not known which spool to flush', {fix: 'Add --spool DIR, set HIPAA_CI_SPOOL, or write `spool:` in hipaa-ci.yaml.'})
  if (!recorder.enabled) throw new AppError('usage.flag', '--no-record is refused: a delivery is accounted for by its record')
  if (!anyStore) await refuseOtherStore(spool, store.address)
  const there = (await spool.waitsFor()) !== undefined
  const work: Work = {spool, store, recorder, refused: new Map(), deliveries: [], records: 0, blobs: 0}
  const fault = await deliverAll(work, context)
  const refused = [...work.refused.values()]
  const codes = [...refused.map(({code}) => code), ...(fault === undefined ? [] : [fault.code])]
  return {
    spool: spool.path,
    there,
    store: store.address,
    records: work.records,
    blobs: work.blobs,
    deliveries: work.deliveries,
    refused,
    ...(fault !== undefined && {fault}),
    exitCode: codes.length === 0 ? EXIT.ok : worstExit(codes.map((code) => REASONS[code].exit)),
  }
}

/** Evidence that ends in another store is lost to the one it is for; a torn mark says nothing. */
async function refuseOtherStore(spool: Spool, address: string): Promise<void> {
  const meant = await spool.waitsFor()
  if (meant === storeName(address)) return
  const whose = meant === undefined ? 'is for a store that its spool.txt does not name' : `is for ${meant}, and not for ${storeName(address)}`
  for await (const _ of spool.list(''))
    throw new AppError('spool.unusable', `what waits in ${spool.path} ${whose}`, {
      fix:
        meant === undefined
          ? `Find out which, and name it: hipaa-ci emit --flush --spool ${shellQuoted(spool.path)} --store ADDRESS`
          : `Deliver it there: hipaa-ci emit --flush --spool ${shellQuoted(spool.path)} --store ${shellQuoted(meant)}`,
    })
}

/** Again and again, until nothing is left: others may still add to it. @returns the outage that stopped it */
async function deliverAll(work: Work, {progress}: Context): Promise<FlushResult['fault']> {
  try {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- what came meanwhile is seen by the next look
      const {records, blobs} = await surveySpool(work.spool, work.refused)
      if (records.length === 0 && blobs.length === 0) return undefined
      progress.step(`Delivering what waits (records: ${records.length}, blobs: ${blobs.length}) from ${work.spool.path} to ${work.store.address}`)
      // oxlint-disable-next-line no-await-in-loop -- blobs first
      await deliverBlobs(blobs, work)
      const sound = records.filter((record) => !namesDamaged(record, work.refused))
      for (let from = 0; from < sound.length; from += CHUNK) {
        // oxlint-disable-next-line no-await-in-loop -- in the order of the chains
        await deliverRecords(sound.slice(from, from + CHUNK), work)
        if (sound.length > CHUNK) progress.note(`${Math.min(from + CHUNK, sound.length)} of ${sound.length} records are delivered`)
      }
    }
  } catch (error) {
    if (!(error instanceof AppError) || REASONS[error.code].exit !== EXIT.unreachable) throw error
    return {code: error.code, message: error.message}
  }
}

async function deliverBlobs(keys: readonly string[], work: Work): Promise<void> {
  for (const key of keys) {
    // oxlint-disable-next-line no-await-in-loop -- large: one in memory at a time
    const bytes = await checkedBytes(work.spool, key, work.refused)
    if (bytes === undefined) continue
    // oxlint-disable-next-line no-await-in-loop -- in order
    await work.store.put(key, bytes)
    // oxlint-disable-next-line no-await-in-loop -- after the store's word
    await work.spool.remove(key)
    work.blobs += 1
  }
}

/** A record must not come before its blob, and this one would never follow. */
function namesDamaged({key, blobs}: WaitingRecord, refused: Map<string, Refused>): boolean {
  const damaged = blobs.find((sha256) => refused.has(blobKey(sha256)))
  if (damaged !== undefined) refused.set(key, {code: 'blob.altered', key, message: `its blob ${damaged} is damaged in the spool`})
  return damaged !== undefined
}

async function deliverRecords(records: readonly WaitingRecord[], work: Work): Promise<void> {
  const {spool, store, recorder, refused} = work
  const delivered: WaitingRecord[] = []
  for (const record of records) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    const bytes = await checkedBytes(spool, record.key, refused)
    if (bytes === undefined) continue
    // oxlint-disable-next-line no-await-in-loop -- in order
    await store.put(record.key, bytes)
    delivered.push(record)
  }
  const times = delivered.map(({time}) => time).toSorted()
  const [oldest, newest] = [times[0], times.at(-1)]
  if (oldest === undefined || newest === undefined) return
  const before = work.deliveries.length === 0 ? work.blobs : 0
  const detail = {records: delivered.map(({sha256}) => sha256), blobs: before, oldest, newest}
  work.deliveries.push((await recorder.write({stream: 'delivery', outcome: 'pass', detail})).id)
  for (const {key} of delivered) {
    // oxlint-disable-next-line no-await-in-loop -- accounted for
    await spool.remove(key)
    work.records += 1
  }
}
