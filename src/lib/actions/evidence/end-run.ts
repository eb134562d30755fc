/**
 * Ends a run: its end record counts every job, and names what never came.
 *
 * Rules: nothing of it may still wait in a spool. The lock is held from counting to
 * writing, so no record slips between. What a joined file still holds is put first:
 * the machine that noted it may be gone, and keys name digests, so twice is once.
 * A gap does not keep the record from being written; it is the record's point.
 */
import {resolve} from 'node:path'
import {AppError, EXIT, type ExitCode, type ReasonCode} from '../../errors.ts'
import {MISSING_JOB, missingJobs, missingSteps, stopsRun} from '../../evidence/run-manifest.ts'
import {isEnded, type RunState} from '../../evidence/run-state.ts'
import type {Context} from '../../ports/context.ts'
import type {RunPosition} from '../../ports/evidence-store.ts'
import {refuseWaiting} from './refuse-waiting.ts'
import {settle, settlingOf, type Settling} from './settle-run.ts'

export interface EndRunRequest {
  /** The run file to end; default HIPAA_CI_RUN. */
  readonly file?: string | undefined
  /** Run files of the other jobs. */
  readonly join: readonly string[]
}

export interface RunGap {
  readonly code: ReasonCode
  readonly name: string
  readonly message: string
}

export interface EndRunResult {
  readonly runid: string
  readonly record: string
  readonly expected: readonly string[]
  readonly jobs: readonly {readonly job: string; readonly count: number; readonly last: string}[]
  readonly gaps: readonly RunGap[]
  /** Id of the gate record that did not pass: what only a passed gate leads to was not owed. */
  readonly stoppedBy?: string
  readonly exitCode: ExitCode
}

/** @throws AppError `usage.flag`, `run.invalid`, `store.*`, `spool.not-empty` */
export async function endRun({file, join}: EndRunRequest, context: Context): Promise<EndRunResult> {
  const named = file ?? context.variable('HIPAA_CI_RUN')
  if (named === undefined)
    throw new AppError('run.invalid', 'it is not known which run to end: HIPAA_CI_RUN is not set', {fix: 'Set HIPAA_CI_RUN, or add --file.'})
  if (!(await context.recorder()).enabled) throw new AppError('usage.flag', '--no-record is refused: a run ends with its record')
  await refuseWaiting("a run's end", context)
  const path = resolve(context.cwd, named)
  const runs = await context.runs()
  const joined = [...new Set(join.map((name) => resolve(context.cwd, name)))].filter((other) => other !== path)
  const settling = await settlingOf(context)
  const runid = (await runs.open(path).read()).runid
  const others: RunState[] = []
  // oxlint-disable-next-line no-await-in-loop -- a handful, each under its own lock
  for (const other of joined) others.push(await settled(runs.open(other), runid, settling))
  return runs.open(path).exclusively(async (found, save) => {
    const own = await settle(found, save, settling)
    // An end that could not be put before has been put just now.
    const end = isEnded(own) && found.pending.length > 0 ? own.emitted.at(-1) : undefined
    if (end !== undefined) return {...countRun(beforeEnd(own), others), record: end.id}
    refuseUnfit(own, others)
    const {exitCode, ...count} = countRun(own, others)
    return {...count, record: await writeEnd(own, count, save, context), exitCode}
  })
}

/** A file of another run is for the caller to refuse, and is left as it is. */
async function settled(position: RunPosition, runid: string, settling: Settling): Promise<RunState> {
  const found = await position.read()
  return found.pending.length === 0 || found.runid !== runid ? found : position.exclusively(async (state, save) => settle(state, save, settling))
}

/** Joined files must be of this run, and each job once. */
function refuseUnfit(own: RunState, others: readonly RunState[]): void {
  if (own.seq === -1) throw new AppError('run.invalid', `run ${own.runid} has no start record: its start was interrupted`)
  if (isEnded(own)) throw new AppError('run.invalid', `run ${own.runid} has ended already`)
  const stranger = others.find(({runid}) => runid !== own.runid)
  if (stranger !== undefined) throw new AppError('run.invalid', `job ${stranger.job} is of run ${stranger.runid}, not of ${own.runid}`)
  const names = [own, ...others].map(({job}) => job)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new AppError('run.invalid', `two run files are of job ${twice}`, {fix: 'A rerun is a job of its own: hipaa-ci run start --of FILE --job NAME#2'})
}

function beforeEnd(state: RunState): RunState {
  const emitted = state.emitted.slice(0, -1)
  const last = emitted.at(-1)?.sha256 ?? state.start
  return {...state, seq: state.seq - 1, emitted, ...(last !== undefined && {last})}
}

function countRun(own: RunState, others: readonly RunState[]): Omit<EndRunResult, 'record'> {
  const states = [own, ...others]
  const expected = [...new Set(states.flatMap((state) => state.expected))]
  const jobs = states.map(({job, seq, last}) => {
    if (last === undefined) throw new AppError('run.invalid', `the run file of job ${job} does not say what its last record is`)
    return {job, count: seq, last}
  })
  const gaps = gapsOf(states, expected, jobs)
  const gate = stoppedBy(states)
  return {runid: own.runid, expected, jobs, gaps, ...(gate !== undefined && {stoppedBy: gate}), exitCode: gaps.length === 0 ? EXIT.ok : EXIT.missing}
}

/** @returns the record's id */
async function writeEnd(
  own: RunState,
  {expected, jobs, gaps, stoppedBy: gate}: Omit<EndRunResult, 'record' | 'exitCode' | 'runid'>,
  save: (state: RunState) => Promise<void>,
  context: Context,
): Promise<string> {
  let state = own
  const held: RunPosition = {
    name: `the file of run ${own.runid}`,
    durable: true,
    read: async () => state,
    exclusively: (work) =>
      work(state, async (next) => {
        await save(next)
        state = next
      }),
  }
  const recorder = await context.recorder(held)
  const detail = {
    phase: 'end' as const,
    expected: [...expected],
    jobs: [...jobs],
    missing: gaps.map(({name}) => name),
    ...(gate !== undefined && {stopped_by: gate}),
  }
  return (await recorder.write({stream: 'run', outcome: gaps.length === 0 ? 'pass' : 'fail', detail})).id
}

/** Id of the gate record that ended the road. */
function stoppedBy(states: readonly RunState[]): string | undefined {
  return states.flatMap(({emitted}) => emitted).find((record) => stopsRun(record))?.id
}

function gapsOf(states: readonly RunState[], expected: readonly string[], joined: readonly {readonly job: string}[]): RunGap[] {
  const reported = new Set(states.flatMap(({emitted}) => emitted.map(({stream}): string => stream)))
  const declared = [...new Set(states.flatMap(({jobs}) => jobs))].map((job) => ({job}))
  return [
    ...missingSteps(expected, reported, stoppedBy(states) !== undefined).map((step): RunGap => ({
      code: 'run.missing-step',
      name: step,
      message: `step ${step} never reported`,
    })),
    ...missingJobs(declared, joined).map((job): RunGap => ({code: 'run.missing-job', name: MISSING_JOB + job, message: `job ${job} left no run file`})),
  ]
}
