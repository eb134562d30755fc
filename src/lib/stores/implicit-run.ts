/**
 * The run of a process that no run file was given: it lives in memory, declares nothing, and has no end.
 * A kill can lose only what was not put yet, and the chain then simply ends earlier.
 */
import type {RunPosition} from '../ports/evidence-store.ts'
import {jobName, newRunState} from '../evidence/run-state.ts'

/** @param runid a fresh ULID, one per process. @param job what the platform calls it */
export function implicitRun(runid: string, job: string): RunPosition {
  let state = newRunState({runid, job: jobName(job), seq: 0})
  let queue: Promise<unknown> = Promise.resolve()
  return {
    name: 'implicit run',
    durable: false,
    read: async () => state,
    exclusively: (work) => {
      const result = queue.then(() =>
        work(state, async (next) => {
          state = next
        }),
      )
      // The queue goes on after a failure; the failure itself goes to whoever asked.
      queue = result.catch(() => undefined)
      return result
    },
  }
}
