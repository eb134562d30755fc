/** Callers that wait at the same time are served together, in their order: `groupCommit(write)`. */

interface Waiting<T> {
  readonly items: readonly T[]
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

export interface GroupCommit<T> {
  add(items: readonly T[]): Promise<void>
  /** What was added is done, or has failed. */
  idle(): Promise<void>
}

/**
 * @param refuse why this one cannot be taken, with so many items before it in the group
 * @param write fails for all of them, or for none
 */
export function groupCommit<T>(
  refuse: (items: readonly T[], before: readonly T[]) => Error | undefined,
  write: (items: readonly T[]) => Promise<void>,
): GroupCommit<T> {
  let waiting: Waiting<T>[] = []
  let running: Promise<void> | undefined

  const drain = async () => {
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      // oxlint-disable-next-line no-await-in-loop -- who comes meanwhile waits for the next one
      await writeGroup(group)
    }
    running = undefined
  }
  const writeGroup = async (group: readonly Waiting<T>[]) => {
    const items: T[] = []
    const taken: Waiting<T>[] = []
    for (const one of group) {
      const why = refuse(one.items, items)
      if (why !== undefined) {
        one.failed(why)
        continue
      }
      items.push(...one.items)
      taken.push(one)
    }
    try {
      if (items.length > 0) await write(items)
      for (const {done} of taken) done()
    } catch (error) {
      for (const {failed} of taken) failed(error)
    }
  }
  return {
    add: (items) =>
      new Promise((done, failed) => {
        waiting.push({items, done, failed})
        running ??= Promise.resolve().then(drain)
      }),
    idle: async () => running,
  }
}
