/**
 * Completes what a killed or failed writer left pending in a run file, `settle(state, save, settling)`.
 *
 * Rules: the lock is held. A run file may be handed over from elsewhere, so nothing but records of this very job is put,
 * each under its own name. What comes long after it was noted gets a `delivery` record before the run moves on, as if it
 * had waited in a spool: `evidence verify` would take it for back-dated. That record stands in a run of its own, because
 * this one may have ended.
 */
import {AppError} from '../../errors.ts'
import {parseRecordKey, recordKey, ulidTime} from '../../evidence/key.ts'
import {openRecord, sha256Hex} from '../../evidence/record.ts'
import {acknowledged, type RunState} from '../../evidence/run-state.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'
import {LATE, recordDelivery, type Delivering} from './record-delivery.ts'

export interface Settling extends Delivering {
  readonly store: EvidenceStore
  readonly now: () => Date
}

/** How far a batch has come: noted in the run file, acknowledged by the store. */
export interface Progress {
  noted: number
  put: number
  /** When it was made, milliseconds. */
  readonly since: (pending: Pending) => number
}

type Pending = RunState['pending'][number]

/** @throws AppError `run.invalid`, `store.*` */
export async function settle(state: RunState, save: (state: RunState) => Promise<void>, settling: Settling): Promise<RunState> {
  const foreign = state.pending.find((one) => !isOwn(one, state))
  if (foreign !== undefined)
    throw new AppError('run.invalid', `the run file of job ${state.job} holds what is no record of it: ${JSON.stringify(foreign.key)}`, {
      fix: 'Find out who changed the file. Nothing of it was written.',
    })
  return putPending(state, save, settling, {noted: 0, put: 0, since: ({record}) => ulidTime(record.id)})
}

/** Of what the caller has sealed itself. @param progress is brought up to date. @throws AppError `store.*` */
export async function putPending(state: RunState, save: (state: RunState) => Promise<void>, settling: Settling, progress: Progress): Promise<RunState> {
  const {pending} = state
  if (pending.length === 0) return state
  for (const {key, bytes} of pending) {
    // oxlint-disable-next-line no-await-in-loop -- in the order of the chain: a reader never sees a gap
    await settling.store.put(key, Buffer.from(bytes, 'base64'))
    progress.put += 1
  }
  const late = pending.filter((one) => one.record.stream !== 'delivery' && settling.now().getTime() - progress.since(one) > LATE)
  if (late.length > 0)
    await recordDelivery(
      late.map(({record}) => record),
      {blobs: 0, job: state.job},
      settling,
    )
  const next = acknowledged(state)
  await save(next)
  return next
}

export async function settlingOf(context: Pick<Context, 'store' | 'now' | 'newId' | 'recorder'>): Promise<Settling> {
  return {store: await context.store(), now: context.now, newId: context.newId, recorderAt: context.recorder}
}

function isOwn({key, bytes, record}: Pending, {runid, job}: RunState): boolean {
  try {
    const stored = Buffer.from(bytes, 'base64')
    const {stream, id, seq, ...place} = openRecord(stored)
    return (
      recordKey(stream, id, sha256Hex(stored)) === key &&
      [stream, id, seq, parseRecordKey(key)?.sha256].join() === [record.stream, record.id, record.seq, record.sha256].join() &&
      place.runid === runid &&
      place.job === job
    )
  } catch (error) {
    if (error instanceof AppError) return false
    throw error
  }
}
