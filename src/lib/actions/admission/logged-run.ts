/**
 * A run whose records go into the write-ahead log: `loggedRun(log, state)` gives what the ordinary recorder writes through.
 *
 * Rules: records are sealed one after another, each on the one before it, and those that wait at the same time share one
 * append. Nobody hears of a record before it is durable. Where an append fails, all that was sealed since stands on what is
 * not there: it fails, too, and the run goes on from its last durable record. Memory does not grow with the run: of what
 * was emitted only the newest record is kept.
 */
import {AppError} from '../../errors.ts'
import {parseBlobKey} from '../../evidence/key.ts'
import type {RunState} from '../../evidence/run-state.ts'
import type {AdmissionLog, LoggedObject} from '../../ports/admission-log.ts'
import type {EvidenceStore, RunPosition} from '../../ports/evidence-store.ts'

export interface LoggedRun {
  readonly store: EvidenceStore
  readonly position: RunPosition
}

/** The log took none of it: an AppError would be told as half written. */
export class NotLogged extends Error {}

interface Batch {
  readonly objects: LoggedObject[]
  /** Once all of them are durable. */
  reached: RunState
  readonly written: PromiseWithResolvers<void>
}

/** @param start of the run; nothing is pending in it */
export function loggedRun(log: Pick<AdmissionLog, 'path' | 'append'>, start: RunState): LoggedRun {
  /** As it will be when what was sealed is durable; and as it is. */
  let [sealed, durable] = [start, start]
  let failures = 0
  let failure: unknown
  let turn: Promise<unknown> = Promise.resolve()
  let staged: LoggedObject[] = []
  let next: Batch | undefined
  let draining = false

  const drain = async () => {
    if (draining) return
    draining = true
    for (let batch = next; batch !== undefined; batch = next) {
      next = undefined
      try {
        // oxlint-disable-next-line no-await-in-loop -- one append after another: a chain
        await log.append(batch.objects)
        durable = batch.reached
        batch.written.resolve()
      } catch (error) {
        failures += 1
        failure = new NotLogged('not logged', {cause: error})
        sealed = durable
        batch.written.reject(failure)
        // It came while this one was written, and stands on it.
        followerOf(next)?.written.reject(failure)
        next = undefined
      }
    }
    draining = false
  }
  const commit = async (objects: readonly LoggedObject[], reached: RunState): Promise<void> => {
    next ??= newBatch(reached)
    next.objects.push(...objects)
    next.reached = reached
    const {promise} = next.written
    void drain()
    return promise
  }
  const position: RunPosition = {
    name: log.path,
    durable: false,
    read: async () => sealed,
    async exclusively(work) {
      const own = turn.then(async () => {
        const before = failures
        staged = []
        let reached = sealed
        const result = await work(sealed, async (state) => {
          reached = {...state, emitted: state.emitted.slice(-1)}
        })
        if (failures !== before) throw failure
        if (staged.length === 0) return {result, written: undefined}
        sealed = reached
        // In an object: it is waited for when the next one has its turn.
        return {result, written: commit(staged, reached)}
      })
      turn = own.catch(() => undefined)
      const {result, written} = await own
      await written
      return result
    },
  }
  return {position, store: logAsStore(log, (object) => void staged.push(object))}
}

/** Blobs that are known to be in the log; a server writes the same policy with every verdict. */
const MAX_KEPT = 10_000

/** Blobs are durable when it says so, records when the position does. @param stage called while a position is held */
function logAsStore(log: Pick<AdmissionLog, 'path' | 'append'>, stage: (record: LoggedObject) => void): EvidenceStore {
  const blobs = new Map<string, Promise<void>>()
  const putBlob = (key: string, bytes: Uint8Array): Promise<void> => {
    const known = blobs.get(key)
    if (known !== undefined) return known
    if (blobs.size >= MAX_KEPT) blobs.clear()
    const put = log.append([{key, bytes}])
    blobs.set(key, put)
    put.catch(() => blobs.delete(key))
    return put
  }
  return {
    address: log.path,
    async put(key, bytes) {
      if (parseBlobKey(key) === undefined) stage({key, bytes})
      else await putBlob(key, bytes)
      return 'written'
    },
    get: async () => unasked(),
    list: unasked,
    versions: unasked,
    read: async () => unasked(),
  }
}

function unasked(): never {
  throw new AppError('bug', 'a write-ahead log was asked for what is in the store')
}

function newBatch(reached: RunState): Batch {
  const written = Promise.withResolvers<void>()
  // Whoever waits for it gets the error, when its turn comes to wait.
  written.promise.catch(() => undefined)
  return {objects: [], reached, written}
}

/** The compiler does not see that it may have come meanwhile. */
function followerOf(next: Batch | undefined): Batch | undefined {
  return next
}
