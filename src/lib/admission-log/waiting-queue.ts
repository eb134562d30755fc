/** What waits to be shipped, oldest first, by the number that it came with. In memory: places only. */
import type {Place} from './segment.ts'

export interface WaitingQueue {
  /** Number of the oldest, from 0. */
  readonly first: number
  /** Of the next that comes. */
  readonly next: number
  readonly bytes: number
  at(number: number): Place | undefined
  push(places: readonly Place[]): void
  /** Away with all before `number`. */
  drop(number: number): void
}

/** Slots that are let go at once. */
const COMPACT = 1024

export function waitingQueue(found: readonly Place[]): WaitingQueue {
  let places = [...found]
  let [base, head, bytes] = [0, 0, sum(found)]
  return {
    get first() {
      return base + head
    },
    get next() {
      return base + places.length
    },
    get bytes() {
      return bytes
    },
    at: (number) => (number < base + head ? undefined : places[number - base]),
    push(more) {
      bytes += sum(more)
      for (const place of more) places.push(place)
    },
    drop(number) {
      const to = Math.min(number - base, places.length)
      if (to <= head) return
      bytes -= sum(places.slice(head, to))
      head = to
      if (head < COMPACT || head * 2 < places.length) return
      places = places.slice(head)
      base += head
      head = 0
    },
  }
}

function sum(places: readonly Place[]): number {
  return places.reduce((total, {length}) => total + length, 0)
}
