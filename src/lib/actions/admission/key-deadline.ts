/** The time that a cluster waits for the verdict on a key, cut into two: for judging, and a little more for the record of what came of it. */
import type {Wait} from '../../ports/wait.ts'

export interface Deadline {
  /** What the work gives; undefined where the time for judging is over before. The work goes on. */
  inTime<T>(work: Promise<T>): Promise<T | undefined>
  /** The same, with the time for the record added. */
  atLast<T>(work: Promise<T>): Promise<T | undefined>
  /** Nothing waits any more. */
  end(): void
}

export function startDeadline(judging: number, record: number, wait: Wait): Deadline {
  const over = new AbortController()
  const judged = wait(judging, over.signal)
  const recorded = wait(judging + record, over.signal)
  return {
    inTime: async (work) => before(work, judged),
    atLast: async (work) => before(work, recorded),
    end: () => over.abort(),
  }
}

async function before<T>(work: Promise<T>, end: Promise<void>): Promise<T | undefined> {
  // What it throws once nobody waits any more is nobody's.
  work.catch(() => undefined)
  return Promise.race([work, end.then(() => undefined)])
}
