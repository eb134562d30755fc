/**
 * Which files make a table, and which of them a new one takes in. Pure.
 *
 * A new file swallows every file that is not larger than what it has so far.
 * So there are never more files than a table has doublings, and a row is
 * rewritten only as often.
 */

export interface Part {
  /** Relative to the index folder. */
  readonly file: string
  readonly rows: number
}

export interface MergePlan {
  readonly keep: readonly Part[]
  readonly merge: readonly Part[]
  /** In the new file. */
  readonly rows: number
}

export function planMerge(parts: readonly Part[], added: number): MergePlan {
  const merge: Part[] = []
  const keep: Part[] = []
  let rows = added
  for (const part of parts.toSorted((a, b) => a.rows - b.rows)) {
    if (part.rows <= rows) {
      merge.push(part)
      rows += part.rows
    } else keep.push(part)
  }
  return {keep, merge, rows}
}
