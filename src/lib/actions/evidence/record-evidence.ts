/**
 * The recorder: the one way into the store, `createRecorder(parts)`.
 *
 * Order: validate and redact everything, put the blobs, take the run's lock,
 * complete what a killed writer left pending, note the new records' exact bytes
 * in the run file, put them, advance the run file. Until all inputs are valid
 * and clean nothing is put.
 *
 * In context.ts (one position per process, kept):
 *   const position = runFile === undefined ? implicitRun(newId(), jobName(ci.job)) : openRunFile(runFile)
 *   createRecorder({store, position, ci, system: config.system, toolversion: `hipaa-ci/${version}`, now, newId, key})
 * with `key = redactionKey(bytes)` where `config.redaction.key` is set, and `noRecorder` under --no-record.
 */
import {UNNAMED_SYSTEM} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import {draftRecord, type Draft, type Envelope} from './draft-record.ts'
import {blobKey} from '../../evidence/key.ts'
import {sealRecord, type SealedRecord} from '../../evidence/record.ts'
import type {RedactionKey} from '../../evidence/redaction/token.ts'
import {isEnded, withPending, type RunState} from '../../evidence/run-state.ts'
import type {CiFacts} from '../../ports/context.ts'
import type {EvidenceStore, RecordInput, Recorder, RunPosition, WrittenRecord} from '../../ports/evidence-store.ts'
import type {Stream} from '../../evidence/streams.ts'
import {putPending, settle, type Progress} from './settle-run.ts'

export interface RecorderParts {
  readonly store: EvidenceStore
  readonly position: RunPosition
  readonly ci: CiFacts
  readonly system: string
  /** `hipaa-ci/<version>` */
  readonly toolversion: string
  readonly now: () => Date
  readonly newId: () => string
  /** Without it redacted values are not told apart. */
  readonly key?: RedactionKey | undefined
}

/** Records that are noted, put and advanced together: few enough to keep the run file small and other writers waiting shortly. */
const BATCH = 128

export function createRecorder(parts: RecorderParts): Recorder {
  const kept = new Set<string>()
  const writeAll = async <S extends Stream>(inputs: readonly RecordInput<S>[], at?: (index: number) => string): Promise<WrittenRecord[]> => {
    const drafts = await draftAll(inputs, parts, at)
    await putBlobs(drafts, parts.store, kept)
    const written: WrittenRecord[] = []
    for (let from = 0; from < drafts.length; from += BATCH) {
      const began = parts.now().getTime()
      const progress: Progress = {noted: 0, put: 0, since: () => began}
      try {
        // oxlint-disable-next-line no-await-in-loop -- a chain grows one batch after another
        written.push(...(await commit(drafts.slice(from, from + BATCH), parts, progress)))
      } catch (error) {
        throw halfWritten(error, from, progress, drafts.length, parts.position)
      }
    }
    return written
  }
  return {
    enabled: true,
    runId: async () => (await parts.position.read()).runid,
    writeAll,
    write: async <S extends Stream>(input: RecordInput<S>) => {
      const [written] = await writeAll([input])
      if (written === undefined) throw new AppError('bug', 'the recorder wrote nothing')
      return written
    },
  }
}

/** Stands in under --no-record. Asking it to write is a caller's fault. */
export const noRecorder: Recorder = {enabled: false, runId: async () => undefined, write: refuse, writeAll: refuse}

async function refuse(): Promise<never> {
  throw new AppError('bug', 'a record was to be written although --no-record was given')
}

/** Every fault at once. */
async function draftAll<S extends Stream>(
  inputs: readonly RecordInput<S>[],
  parts: RecorderParts,
  at = (index: number) => `record ${index + 1}`,
): Promise<Draft[]> {
  if (parts.system === UNNAMED_SYSTEM)
    throw new AppError('config.missing', 'no system is named, and every record says which system it is about', {fix: 'hipaa-ci init, or set HIPAA_CI_SYSTEM.'})
  const {runid, job} = await parts.position.read()
  const envelope: Envelope = {...parts, runid, job, time: parts.now().toISOString()}
  const drafts: Draft[] = []
  const faults: {index: number; error: AppError}[] = []
  for (const [index, input] of inputs.entries()) {
    try {
      drafts.push(draftRecord(input, envelope))
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      faults.push({index, error})
    }
  }
  const [first] = faults
  if (first === undefined) return drafts
  if (inputs.length === 1) throw first.error
  const list = faults.map(({index, error}) => `${at(index)}: ${error.message}`).join('\n')
  throw new AppError(first.error.code, `${faults.length} of ${inputs.length} records cannot be written, so none was:\n${list}`, {cause: first.error})
}

/** A server writes the same policy with every verdict. */
const MAX_KEPT = 10_000

/** Before any record that names them. The same bytes once. @param kept what the store has acknowledged to this recorder: it is added to */
async function putBlobs(drafts: readonly Draft[], store: EvidenceStore, kept: Set<string>): Promise<void> {
  const blobs = new Map(drafts.flatMap(({blobs: own}) => [...own]))
  if (kept.size > MAX_KEPT) kept.clear()
  for (const [sha256, bytes] of blobs) {
    if (kept.has(sha256)) continue
    // oxlint-disable-next-line no-await-in-loop -- large, and bounded in memory one after another
    await store.put(blobKey(sha256), bytes)
    kept.add(sha256)
  }
}

async function commit(drafts: readonly Draft[], parts: RecorderParts, progress: Progress): Promise<WrittenRecord[]> {
  const {position, now, newId} = parts
  const settling = {...parts, recorderAt: async (own: RunPosition) => createRecorder({...parts, position: own})}
  return position.exclusively(async (found, save) => {
    const state = await settle(found, save, settling)
    refuseOutOfPlace(drafts, state, position.name)
    const sealed: SealedRecord[] = []
    for (const {record} of drafts) {
      const last: string | undefined = sealed.at(-1)?.sha256 ?? state.last
      const place = {id: newId(), time: now().toISOString(), seq: state.seq + 1 + sealed.length}
      sealed.push(sealRecord({...record, ...place, ...(last !== undefined && {prevsha256: last})}))
    }
    const pending = withPending(state, sealed)
    await save(pending)
    progress.noted = sealed.length
    await putPending(pending, save, settling, progress)
    return sealed.map(({record, key, sha256}) => ({id: record.id, record, key, sha256}))
  })
}

/** A run begins with its start record and ends with its end record. */
function refuseOutOfPlace(drafts: readonly Draft[], state: RunState, name: string): void {
  const starts = drafts.some(({record}) => record.stream === 'run' && record.data.detail.phase === 'start')
  if (starts !== (state.seq === -1))
    throw new AppError('run.invalid', starts ? `the run of ${name} is started already` : `the run of ${name} has no start record: its start was interrupted`)
  if (isEnded(state)) throw new AppError('run.invalid', `the run of ${name} has ended; a record after its end would not be counted`)
}

/** Says what became of the records: a caller that writes all of them again would write some twice. */
function halfWritten(error: unknown, before: number, progress: Progress, total: number, position: RunPosition): unknown {
  if (!(error instanceof AppError)) return error
  const put = before + progress.put
  const waiting = position.durable ? progress.noted - progress.put : 0
  const [fix = ''] = error.suggestions
  const says = (text: string) => new AppError(error.code, `${error.message}; ${text}`, {cause: error, fix})
  if (total === 1) return waiting === 0 ? error : says(`the record waits in ${position.name}, and the next command of the run writes it`)
  if (put === 0 && waiting === 0) return error
  return says(
    `${put} of ${total} records are in the store${waiting === 0 ? '' : `, ${waiting} wait in ${position.name} for the next command of the run`}, ${total - put - waiting} were not written`,
  )
}
