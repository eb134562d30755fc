/**
 * Where a job stands in its run: the content of a run file, and how it moves on. Pure.
 *
 * Rules: `seq` and `last` are those of the newest record that the store has
 * acknowledged. What is about to be put stands in `pending` with its exact
 * bytes *before* the put; whoever holds the lock next puts it again (keys name
 * digests, so twice is once) and only then moves on. A kill at any moment
 * therefore makes neither a fork nor a loss.
 */
import {z} from 'zod'
import {AppError} from '../errors.ts'
import {Code, Sha256, Ulid} from './primitives.ts'
import type {SealedRecord} from './record.ts'
import {OUTCOMES, Subject} from './schema.ts'
import {STREAMS} from './streams.ts'

/** A job of a run; a rerun is `scan#2`. */
export const JobName = Code.max(64).meta({id: 'JobName'})

/** What a CI platform calls a job, as a name that fits; `main` where it says nothing. */
export function jobName(text: string | undefined): string {
  const name = (text ?? '')
    .replaceAll(/[^A-Za-z0-9._/+-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 60)
    .replace(/-+$/, '')
  return name === '' ? 'main' : name
}

/** One acknowledged record. `policy` is the digest a gate or verification judged by: provenance names it. */
export const EmittedRecord = z.strictObject({
  seq: z.int().min(0),
  id: Ulid,
  stream: z.enum(STREAMS),
  sha256: Sha256,
  outcome: z.enum(OUTCOMES),
  policy: Sha256.optional(),
  /** What it is about: provenance names what was decided about its image. */
  subject: Subject.optional(),
})
export type EmittedRecord = z.infer<typeof EmittedRecord>

const PendingRecord = z.strictObject({key: z.string().min(1), bytes: z.base64(), record: EmittedRecord})

export const RunState = z.strictObject({
  runid: Ulid,
  job: JobName,
  /** Of the newest acknowledged record; -1 before the run's start record. */
  seq: z.int().min(-1),
  /** Its digest; for a job that has not written yet, the start record's. Absent where there is none. */
  last: Sha256.optional(),
  /** Digest of the run's start record. */
  start: Sha256.optional(),
  /** Streams that the run declared. */
  expected: z.array(Code).max(64),
  /** Jobs that the run declared. */
  jobs: z.array(JobName).max(200),
  emitted: z.array(EmittedRecord),
  pending: z.array(PendingRecord),
})
export type RunState = z.infer<typeof RunState>

/** A job that has not written anything. */
export function newRunState(start: Pick<RunState, 'runid' | 'job' | 'seq'> & Partial<RunState>): RunState {
  return {expected: [], jobs: [], emitted: [], pending: [], ...start}
}

/**
 * Reads a run file's text.
 * @throws AppError `run.invalid` naming `path`
 */
export function parseRunState(text: string, path: string): RunState {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new AppError('run.invalid', `${path} is not a run file: it holds no JSON`, {cause})
  }
  const parsed = RunState.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new AppError('run.invalid', `${path} is not a run file: ${issue?.path.join('.') || '(top)'}: ${issue?.message}`)
}

/** True once the run's end record stands in this job: nothing more may follow. */
export function isEnded(state: RunState): boolean {
  const newest = state.emitted.at(-1)
  return newest?.stream === 'run' && newest.seq > 0
}

/** `state` with `sealed` about to be put. */
export function withPending(state: RunState, sealed: readonly SealedRecord[]): RunState {
  return {...state, pending: sealed.map((one) => ({key: one.key, bytes: Buffer.from(one.bytes).toString('base64'), record: emitted(one)}))}
}

/** `state` after the store has acknowledged all that was pending. */
export function acknowledged(state: RunState): RunState {
  const records = state.pending.map(({record}) => record)
  const newest = records.at(-1)
  if (newest === undefined) return state
  const start = records.find(({stream, seq}) => stream === 'run' && seq === 0)?.sha256 ?? state.start
  return {...state, seq: newest.seq, last: newest.sha256, ...(start !== undefined && {start}), emitted: [...state.emitted, ...records], pending: []}
}

function emitted({record, sha256}: SealedRecord): EmittedRecord {
  const {detail} = record.data
  const policy = 'policy' in detail ? detail.policy : undefined
  return {
    seq: record.seq,
    id: record.id,
    stream: record.stream,
    sha256,
    outcome: record.data.outcome,
    ...(policy !== undefined && {policy}),
    subject: record.subject,
  }
}
