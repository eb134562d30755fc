/** The `delivery` record of what came late, in a run of its own: the runs of what it names may have ended. */
import {ulidTime} from '../../evidence/key.ts'
import {newRunState} from '../../evidence/run-state.ts'
import type {DetailOf} from '../../evidence/schema.ts'
import type {Recorder, RunPosition} from '../../ports/evidence-store.ts'
import {memoryRun} from './memory-run.ts'

export interface Delivering {
  readonly newId: () => string
  /** Writes there, into the store. */
  readonly recorderAt: (position: RunPosition) => Promise<Recorder>
}

export interface Delivered {
  readonly id: string
  readonly sha256: string
}

/** Milliseconds: a third of what `evidence verify` leaves to clocks. */
export const LATE = 5 * 60_000

/** @param records at least one, at most 500. @throws AppError `store.*` */
export async function recordDelivery(
  records: readonly Delivered[],
  {blobs, job}: {readonly blobs: number; readonly job: string},
  {newId, recorderAt}: Delivering,
): Promise<void> {
  const times = records.map(({id}) => ulidTime(id))
  const detail: DetailOf<'delivery'> = {
    records: records.map(({sha256}) => sha256),
    blobs,
    oldest: new Date(Math.min(...times)).toISOString(),
    newest: new Date(Math.max(...times)).toISOString(),
  }
  const recorder = await recorderAt(memoryRun(newRunState({runid: newId(), job, seq: 0})))
  await recorder.write({stream: 'delivery', outcome: 'pass', detail})
}
