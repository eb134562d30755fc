/**
 * Answers that are kept for a while, and are made once however many ask for them at the same time.
 *
 * The key says all that an answer rests on, so that nothing has to be thrown away when any of it changes. An answer is as old
 * as the beginning of its making, and holds only while the clock is between that and its end: a clock that was set back
 * lengthens nothing. What comes without an end in the future is given to those who wait for it, and to nobody later.
 */

export interface Keeping<T> {
  readonly value: T
  /** Milliseconds since the epoch, exclusive. Not after now: it is not kept. */
  readonly until: number
}

export interface VerdictCache<T> {
  /** @param make must end by itself; what it throws is thrown to all who wait, and not kept */
  get(key: string, make: () => Promise<Keeping<T>>): Promise<T>
  /** Answers that are kept now, those that have ended among them. */
  readonly size: number
}

interface Kept<T> extends Keeping<T> {
  readonly from: number
}

interface Flight<T> {
  readonly from: number
  readonly made: Promise<Keeping<T>>
}

/** Milliseconds. Nobody waits for one that began longer ago: what hangs must not hang for all that ask later. */
const JOINABLE = 30_000

/** @param max of answers; the one that was asked for longest ago goes first */
export function verdictCache<T>({max, now}: {readonly max: number; readonly now: () => Date}): VerdictCache<T> {
  const kept = new Map<string, Kept<T>>()
  const flights = new Map<string, Flight<T>>()

  const keep = (key: string, answer: Kept<T>): void => {
    kept.delete(key)
    kept.set(key, answer)
    const [oldest] = kept.keys()
    if (kept.size > max && oldest !== undefined) kept.delete(oldest)
  }

  const found = (key: string, at: number): Kept<T> | undefined => {
    const answer = kept.get(key)
    if (answer === undefined) return undefined
    if (at >= answer.from && at < answer.until) return answer
    kept.delete(key)
    return undefined
  }

  const begin = async (key: string, from: number, make: () => Promise<Keeping<T>>): Promise<T> => {
    const flight: Flight<T> = {from, made: make()}
    flights.set(key, flight)
    try {
      const answer = await flight.made
      const known = kept.get(key)
      // A flight that hung does not take the place of one that began after it.
      if (answer.until > now().getTime() && (known === undefined || known.from <= from)) keep(key, {...answer, from})
      return answer.value
    } finally {
      if (flights.get(key) === flight) flights.delete(key)
    }
  }

  return {
    async get(key, make) {
      const at = now().getTime()
      const answer = found(key, at)
      if (answer !== undefined) {
        keep(key, answer)
        return answer.value
      }
      const flight = flights.get(key)
      return flight !== undefined && Math.abs(at - flight.from) < JOINABLE ? (await flight.made).value : begin(key, at, make)
    },
    get size() {
      return kept.size
    },
  }
}
