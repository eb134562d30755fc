/**
 * A server that has nothing to record says once an hour that it is there, so that no cluster is silent and in order at once.
 *
 * Rules: any record is a sign. What could not be written is tried again at the next look; a clock that was set back only
 * makes one sign more.
 */
import type {Recorder} from '../../ports/evidence-store.ts'
import type {Wait} from '../../ports/wait.ts'

const HOUR = 3_600_000
/** Milliseconds between two looks: a sign is late by no more. */
const LOOK = 5 * 60_000

export interface SignsOfLife {
  /** Notes when it last wrote. */
  readonly recorder: Recorder
  /** Until it is stopped. @param tell what it is told is whether nothing was recorded for an hour. Never rejects */
  watch(tell: (isQuiet: boolean) => Promise<void>, onFault: (error: unknown) => void, stop: AbortSignal): Promise<void>
}

export function signsOfLife(recorder: Recorder, {now, wait}: {readonly now: () => Date; readonly wait: Wait}): SignsOfLife {
  let last = now().getTime()
  const noted = async <T>(work: Promise<T>): Promise<T> => {
    const result = await work
    last = now().getTime()
    return result
  }
  return {
    recorder: {
      ...recorder,
      write: async (input) => noted(recorder.write(input)),
      writeAll: async (inputs, at) => noted(recorder.writeAll(inputs, at)),
    },
    async watch(tell, onFault, stop) {
      while (!stop.aborted) {
        // oxlint-disable-next-line no-await-in-loop -- waiting is the point
        await wait(LOOK, stop)
        if (stop.aborted) return
        try {
          // oxlint-disable-next-line no-await-in-loop -- one look after another
          await tell(Math.abs(now().getTime() - last) >= HOUR)
        } catch (error) {
          onFault(error)
        }
      }
    },
  }
}
