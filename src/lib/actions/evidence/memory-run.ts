/**
 * A run's place in memory, for a process that runs for long: `memoryRun(state)`. Of what was emitted only the newest record
 * is kept. What is pending stays until it is put; a kill loses it, and the chain then simply ends earlier.
 */
import type {RunState} from '../../evidence/run-state.ts'
import type {RunPosition} from '../../ports/evidence-store.ts'

export function memoryRun(start: RunState): RunPosition {
  let state = start
  let queue: Promise<unknown> = Promise.resolve()
  return {
    name: 'implicit run',
    durable: false,
    read: async () => state,
    exclusively: (work) => {
      const result = queue.then(() =>
        work(state, async (next) => {
          state = {...next, emitted: next.emitted.slice(-1)}
        }),
      )
      // The queue goes on after a failure; the failure itself goes to whoever asked.
      queue = result.catch(() => undefined)
      return result
    },
  }
}
