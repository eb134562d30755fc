/**
 * The run of a server's boot straight in the store: `beginStoredRun({job}, context)`.
 *
 * Rules: a record is in the store before anybody hears of it. A chain grows by one put after another, so that a reader sees
 * no gap in it; therefore the run has several jobs, each a chain of its own, and who writes takes the one that is least busy.
 */
import {newRunState} from '../../evidence/run-state.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore, Recorder, RunPosition} from '../../ports/evidence-store.ts'
import {memoryRun} from '../evidence/memory-run.ts'
import {settle} from '../evidence/settle-run.ts'
import type {ServerRun, ServerRunRequest} from './begin-server-run.ts'
import {endOf, heldPosition} from './end-server-run.ts'

interface Lane {
  readonly position: RunPosition
  readonly recorder: Recorder
  busy: number
}

/** Chains beside one another: a pod has a few records, and a put takes tens of milliseconds. */
const LANES = 16

/** @throws AppError `store.*`, `record.*` */
export async function beginStoredRun({job}: ServerRunRequest, context: Pick<Context, 'recorder' | 'newId' | 'now' | 'store'>): Promise<ServerRun> {
  const runid = context.newId()
  const store = await context.store()
  const laneAt = async (position: RunPosition): Promise<Lane> => ({position, recorder: await context.recorder(position, store), busy: 0})
  const first = await laneAt(memoryRun(newRunState({runid, job, seq: -1})))
  const {sha256} = await first.recorder.write({stream: 'run', outcome: 'pass', detail: {phase: 'start', expected: []}})
  const names = Array.from({length: LANES - 1}, (_, index) => `${job}/${index + 2}`)
  const others = await Promise.all(names.map(async (name) => laneAt(memoryRun(newRunState({runid, job: name, seq: 0, last: sha256, start: sha256})))))
  const lanes = [first, ...others]
  let hasEnded = false
  const within = async <T>(work: (recorder: Recorder) => Promise<T>): Promise<T> => {
    const lane = hasEnded ? first : lanes.reduce((least, one) => (one.busy < least.busy ? one : least))
    lane.busy += 1
    try {
      return await work(lane.recorder)
    } finally {
      lane.busy -= 1
    }
  }
  return {
    runid,
    previous: undefined,
    recorder: {
      ...first.recorder,
      write: (input) => within(async (recorder) => recorder.write(input)),
      writeAll: (inputs, at) => within(async (recorder) => recorder.writeAll(inputs, at)),
    },
    async end() {
      hasEnded = true
      await endLanes(lanes, first, store, context)
    },
  }
}

/** What comes meanwhile goes to the first: there it is refused after the end. */
async function endLanes(
  lanes: readonly Lane[],
  first: Lane,
  store: EvidenceStore,
  {recorder, newId, now}: Pick<Context, 'recorder' | 'newId' | 'now'>,
): Promise<void> {
  const settling = {store, now, newId, recorderAt: async (position: RunPosition) => recorder(position, store)}
  const settled = async ({position}: Lane) => position.exclusively(async (state, save) => settle(state, save, settling))
  const others = await Promise.all(lanes.filter((lane) => lane !== first).map(settled))
  await first.position.exclusively(async (found, save) => {
    const own = await settle(found, save, settling)
    const writer = await recorder(heldPosition(first.position, own, save), store)
    await writer.write(endOf([own, ...others]))
  })
}
