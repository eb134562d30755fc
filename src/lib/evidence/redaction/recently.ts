/**
 * Names that were met a short while ago, in two halves: where the newer one is full, it becomes the older one, and what was
 * not met again since goes. Never more than twice `half`.
 */
export interface Recently {
  /** Whether it was added not long ago; if so, it is remembered longer. */
  has(name: string): boolean
  add(name: string): void
}

/** @param half of what is remembered at most */
export function recently(half: number): Recently {
  let newer = new Set<string>()
  let older = new Set<string>()
  const add = (name: string) => {
    if (newer.size >= half) {
      older = newer
      newer = new Set()
    }
    newer.add(name)
  }
  return {
    add,
    has(name) {
      if (newer.has(name)) return true
      if (!older.has(name)) return false
      add(name)
      return true
    },
  }
}
