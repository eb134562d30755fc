/**
 * Begins a run: its start record, and a run file for each job.
 *
 * Rules: the first job's file is made before the record, so that an interrupted
 * start is completed by the same command. With `of` it is one more job (or a
 * rerun, `scan#2`) of a run that has started elsewhere, and writes no record.
 */
import {join, resolve} from 'node:path'
import {AppError} from '../../errors.ts'
import {Ulid} from '../../evidence/primitives.ts'
import {isEnded, JobName, jobName, newRunState, type RunState} from '../../evidence/run-state.ts'
import {isStream, STREAMS} from '../../evidence/streams.ts'
import type {Context} from '../../ports/context.ts'
import type {RunFiles, RunPosition} from '../../ports/evidence-store.ts'
import {settle, settlingOf} from './settle-run.ts'

export interface StartRunRequest {
  /** Streams that are to report. */
  readonly expected: readonly string[]
  /** Jobs of the run, the first of them this one; none: this job alone, and no job is declared. */
  readonly jobs: readonly string[]
  /** Path of the first job's run file; default HIPAA_CI_RUN, else `.hipaa-ci/runs/<run id>.json` beside the configuration. */
  readonly file?: string | undefined
  /** Id of the run before this one, of a process that runs for long and begins a run at each start. */
  readonly previous?: string | undefined
  /** Run file of the run to take part in. */
  readonly of?: string | undefined
}

export interface StartRunResult {
  readonly runid: string
  /** Absolute paths; the first is what HIPAA_CI_RUN is to name. */
  readonly files: readonly {readonly job: string; readonly path: string}[]
  /** Id of the start record; undefined with `of`. */
  readonly record?: string
  readonly exitCode: 0
}

/** @throws AppError `usage.flag`, `run.invalid`, `store.*`, `record.*` */
export async function startRun(request: StartRunRequest, context: Context): Promise<StartRunResult> {
  const expected = [...new Set(request.expected)]
  const jobs = [...new Set(request.jobs)]
  refuseNames(expected, jobs)
  refusePrevious(request)
  if (request.of !== undefined) return takePart(request.of, request, context)

  const runs = await context.runs()
  const recorder = await context.recorder()
  if (!recorder.enabled) throw new AppError('usage.flag', '--no-record is refused: a run begins with its record')
  const runid = context.newId()
  const path = await pathFor(request.file, `${runid}.json`, runs, context)
  const job = jobs[0] ?? jobName((await context.ci()).job)
  const position = await openOrCreate(path, newRunState({runid, job, seq: -1, expected, jobs}), runs, context)
  const state = await recordStart(position, request.previous, context)

  const rest = jobs.slice(1).map((name) => ({job: name, path: siblingOf(path, name)}))
  await Promise.all(rest.map((other) => runs.create(other.path, jobOf(state, other.job))))
  const record = state.emitted[0]?.id
  return {runid: state.runid, files: [{job, path}, ...rest], ...(record !== undefined && {record}), exitCode: 0}
}

function refuseNames(expected: readonly string[], jobs: readonly string[]): void {
  const unknown = expected.find((name) => !isStream(name) || name === 'run')
  if (unknown !== undefined)
    throw new AppError('usage.flag', `${JSON.stringify(unknown)} is not a step that can be expected`, {
      fix: `Steps are streams: ${STREAMS.filter((name) => name !== 'run').join(', ')}.`,
    })
  const bad = jobs.find((name) => !JobName.safeParse(name).success)
  if (bad !== undefined)
    throw new AppError('usage.flag', `${JSON.stringify(bad)} is not a job's name`, {fix: 'Use at most 64 letters, digits and . _ / : @ # + -'})
}

function refusePrevious({previous, of}: StartRunRequest): void {
  if (previous === undefined) return
  if (of !== undefined) throw new AppError('usage.flag', 'with --of no run begins, so none was before it')
  if (!Ulid.safeParse(previous).success) throw new AppError('usage.flag', `${JSON.stringify(previous)} is not the id of a run`)
}

/** What an interrupted start left is taken up; a file of a run that goes on is refused by `create`. */
async function openOrCreate(path: string, state: RunState, runs: RunFiles, {files, variable, cwd}: Context): Promise<RunPosition> {
  if (await files.exists(path)) {
    const position = runs.open(path)
    const found = await position.read()
    if (found.seq === -1 && found.job === state.job && found.expected.join() === state.expected.join() && found.jobs.join() === state.jobs.join())
      return position
    if (!isEnded(found) && path === runOfEnvironment(variable, cwd))
      throw new AppError('run.invalid', `HIPAA_CI_RUN names ${path}, whose run goes on`, {
        fix: 'To begin another run: unset HIPAA_CI_RUN. To end this one: hipaa-ci run end',
      })
  }
  return runs.create(path, state)
}

function runOfEnvironment(variable: Context['variable'], cwd: string): string | undefined {
  const file = variable('HIPAA_CI_RUN')
  return file === undefined ? undefined : resolve(cwd, file)
}

async function recordStart(position: RunPosition, previous: string | undefined, context: Context): Promise<RunState> {
  const [settling, recorder] = [await settlingOf(context), await context.recorder(position)]
  const {seq, expected, jobs} = await position.exclusively((state, save) => settle(state, save, settling))
  if (seq === -1)
    await recorder.write({
      stream: 'run',
      outcome: 'pass',
      detail: {phase: 'start', expected, ...(jobs.length > 0 && {jobs: jobs.map((job) => ({job}))}), ...(previous !== undefined && {previous})},
    })
  return position.read()
}

async function takePart(of: string, {expected, jobs, file}: StartRunRequest, context: Context): Promise<StartRunResult> {
  const [job] = jobs
  if (job === undefined || jobs.length > 1 || expected.length > 0)
    throw new AppError('usage.flag', 'one more job of a run has one name, and expects what the run expects', {fix: 'hipaa-ci run start --of FILE --job NAME'})
  const runs = await context.runs()
  const state = await runs.open(resolve(context.cwd, of)).read()
  const path = file === undefined ? usualPath(`${state.runid}.${fileName(job)}.json`, context) : resolve(context.cwd, file)
  await runs.create(path, jobOf(state, job))
  return {runid: state.runid, files: [{job, path}], exitCode: 0}
}

/** The file of another job of the run: its first record points at the run's start. */
function jobOf({runid, start, expected, jobs, ...state}: RunState, job: string): RunState {
  if (start === undefined || isEnded({runid, expected, jobs, ...state}))
    throw new AppError('run.invalid', `run ${runid} ${start === undefined ? 'has no start record yet' : 'has ended'}`)
  return newRunState({runid, job, seq: 0, last: start, start, expected, jobs})
}

/** HIPAA_CI_RUN may still name the file of a run that has ended. */
async function pathFor(file: string | undefined, name: string, runs: RunFiles, context: Context): Promise<string> {
  const {cwd, files, variable} = context
  if (file !== undefined) return resolve(cwd, file)
  const named = variable('HIPAA_CI_RUN')
  if (named === undefined) return usualPath(name, context)
  const path = resolve(cwd, named)
  return (await files.exists(path)) && isEnded(await runs.open(path).read()) ? usualPath(name, context) : path
}

function usualPath(name: string, {config}: Context): string {
  return join(config.root, '.hipaa-ci', 'runs', name)
}

function siblingOf(path: string, job: string): string {
  return `${path.replace(/\.json$/, '')}.${fileName(job)}.json`
}

function fileName(job: string): string {
  return job.replaceAll(/[^A-Za-z0-9._-]/g, '-')
}
