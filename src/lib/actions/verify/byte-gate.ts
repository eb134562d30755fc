/** Bounds what is held in memory at a time: what fits together goes in parallel, what is larger than the bound goes alone. */

/** Runs `work`, which needs `bytes` of memory, as soon as there is room for it; in the order of asking. */
export type ByteGate = <T>(bytes: number, work: () => Promise<T>) => Promise<T>

export function byteGate(max: number): ByteGate {
  const waiting: {readonly bytes: number; readonly enter: () => void}[] = []
  let held = 0

  const fits = (bytes: number): boolean => held === 0 || held + bytes <= max
  const admit = (): void => {
    for (let [next] = waiting; next !== undefined && fits(next.bytes); [next] = waiting) {
      waiting.shift()
      held += next.bytes
      next.enter()
    }
  }

  return async (bytes, work) => {
    const {promise, resolve} = Promise.withResolvers<void>()
    waiting.push({bytes, enter: resolve})
    admit()
    await promise
    try {
      return await work()
    } finally {
      held -= bytes
      admit()
    }
  }
}
