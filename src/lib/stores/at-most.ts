/** Work that goes on at the same time, so much and no more; what comes beyond that waits, in its order: `atMost(count)`. */
export function atMost(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let going = 0
  return async (work) => {
    if (going === count) await new Promise<void>((resolve) => waiting.push(resolve))
    else going += 1
    try {
      return await work()
    } finally {
      // A place that is handed on is never free in between.
      const next = waiting.shift()
      if (next === undefined) going -= 1
      else next()
    }
  }
}
