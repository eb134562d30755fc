/** A few requests at a time, results in the order of the items: what is far away is read in a bearable time, politely. */

/** @param width how many may be under way @throws what `work` throws, at its item */
export async function* workAhead<T, R>(items: AsyncIterable<T>, width: number, work: (item: T) => Promise<R>): AsyncGenerator<R> {
  const running: Promise<R>[] = []
  for await (const item of items) {
    const one = work(item)
    // It is awaited later: until then its failure is nobody's surprise.
    one.catch(() => undefined)
    running.push(one)
    if (running.length >= width) yield* next(running)
  }
  while (running.length > 0) yield* next(running)
}

async function* next<R>(running: Promise<R>[]): AsyncGenerator<R> {
  const first = running.shift()
  if (first !== undefined) yield await first
}
