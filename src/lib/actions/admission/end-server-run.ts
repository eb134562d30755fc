/** The end of a server's run: it counts what there was. */
import type {RunState} from '../../evidence/run-state.ts'
import type {RecordInput, RunPosition} from '../../ports/evidence-store.ts'

/** @param states of its jobs; nothing is pending in them */
export function endOf(states: readonly RunState[]): RecordInput<'run'> {
  const jobs = states.flatMap(({job, seq, last}) => (last === undefined ? [] : [{job, count: seq, last}]))
  return {stream: 'run', outcome: 'pass', detail: {phase: 'end', expected: [], jobs, missing: []}}
}

/** For a writer within `exclusively`, which cannot ask for it again. */
export function heldPosition(position: RunPosition, found: RunState, save: (state: RunState) => Promise<void>): RunPosition {
  let state = found
  return {
    ...position,
    read: async () => state,
    exclusively: (work) =>
      work(state, async (next) => {
        await save(next)
        state = next
      }),
  }
}
