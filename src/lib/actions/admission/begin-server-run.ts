/**
 * The run of a server's boot, in the write-ahead log: `beginServerRun(log, {job}, context)`.
 *
 * Rules: a boot is a run, and names the one before. That one is ended first where it was killed: its newest record lies in
 * the log. But not where a part of the log is damaged, for then nobody knows what its last record was: a run that was never
 * ended is what `evidence verify` finds.
 */
import {openRecord, sha256Hex} from '../../evidence/record.ts'
import {newRunState, type RunState} from '../../evidence/run-state.ts'
import type {AdmissionLog} from '../../ports/admission-log.ts'
import type {Context} from '../../ports/context.ts'
import type {Recorder} from '../../ports/evidence-store.ts'
import {endOf, heldPosition} from './end-server-run.ts'
import {loggedRun, NotLogged} from './logged-run.ts'

export interface ServerRun {
  readonly runid: string
  /** Of the run before, where one is known. */
  readonly previous: string | undefined
  /** Each answer of it is durable. Refuses after the end. */
  readonly recorder: Recorder
  /** @throws AppError `admission.log-*` */
  end(): Promise<void>
}

export interface ServerRunRequest {
  /** What tells this replica from others, `admission/prod-east/hipaa-ci-0`. */
  readonly job: string
}

/** @throws AppError `admission.log-*`, `record.*` */
export async function beginServerRun(log: AdmissionLog, {job}: ServerRunRequest, context: Pick<Context, 'recorder' | 'newId'>): Promise<ServerRun> {
  const before = await lastState(log)
  if (before !== undefined && !before.hasEnded && log.damaged.length === 0) await endRun(loggedRun(log, before.state), context)
  const previous = before?.state.runid ?? log.run
  const runid = context.newId()
  const run = loggedRun(log, newRunState({runid, job, seq: -1}))
  const recorder = told(await context.recorder(run.position, run.store))
  await recorder.write({stream: 'run', outcome: 'pass', detail: {phase: 'start', expected: [], ...(previous !== undefined && {previous})}})
  await log.keepRun(runid)
  return {runid, previous, recorder, end: () => endRun(run, context)}
}

/** Where the run before stood. */
async function lastState(log: AdmissionLog): Promise<{readonly state: RunState; readonly hasEnded: boolean} | undefined> {
  const newest = await log.newestRecord()
  if (newest === undefined) return undefined
  const {runid, job, seq, stream} = openRecord(newest.bytes)
  return {state: newRunState({runid, job, seq, last: sha256Hex(newest.bytes)}), hasEnded: stream === 'run' && seq > 0}
}

/** Counted and written in one: nothing comes in between. */
async function endRun({position, store}: ReturnType<typeof loggedRun>, {recorder}: Pick<Context, 'recorder'>): Promise<void> {
  await heard(() =>
    position.exclusively(async (found, save) => {
      const own = await recorder(heldPosition(position, found, save), store)
      await own.write(endOf([found]))
    }),
  )
}

/** What the log says, as it says it. */
function told(recorder: Recorder): Recorder {
  return {
    ...recorder,
    write: (input) => heard(() => recorder.write(input)),
    writeAll: (inputs, at) => heard(() => recorder.writeAll(inputs, at)),
  }
}

async function heard<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof NotLogged ? error.cause : error
  }
}
