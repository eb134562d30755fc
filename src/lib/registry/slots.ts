/** At most so many requests to one server at a time, in the order in which they came, whoever in this process sends them. */
export class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(size: number) {
    this.#free = size
  }

  /**
   * @returns gives the place back; calling it twice does nothing
   * @throws the signal's reason
   */
  async take(signal: AbortSignal): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1
    else await this.#queue(signal)
    let isHeld = true
    return () => {
      if (isHeld) this.#giveBack()
      isHeld = false
    }
  }

  async #queue(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const {promise, resolve, reject} = Promise.withResolvers<void>()
    const onAbort = (): void => {
      this.#waiting.splice(this.#waiting.indexOf(resolve), 1)
      reject(signal.reason)
    }
    this.#waiting.push(resolve)
    signal.addEventListener('abort', onAbort, {once: true})
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** A place goes to whoever waits longest, and never through the pool: a newcomer cannot overtake. */
  #giveBack(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free += 1
    else next()
  }
}

const byOrigin = new Map<string, Slots>()

export function slotsOf(origin: string, size: number): Slots {
  const found = byOrigin.get(origin) ?? new Slots(size)
  byOrigin.set(origin, found)
  return found
}
