/** Work that waits for others, some at a time, its results in the order of what came in. */

/** @param atOnce how many are on their way; memory holds so many results */
export async function* inOrder<T, R>(items: Iterable<T>, atOnce: number, work: (item: T) => Promise<R>): AsyncGenerator<R> {
  const waiting: Promise<R>[] = []
  for (const item of items) {
    waiting.push(caught(work(item)))
    const [first] = waiting
    if (first === undefined || waiting.length < atOnce) continue
    yield await first
    void waiting.shift()
  }
  for (const one of waiting) yield await one
}

/** Whoever awaits it in its turn gets the error; until then it is nobody's. */
function caught<R>(work: Promise<R>): Promise<R> {
  work.catch(() => undefined)
  return work
}
