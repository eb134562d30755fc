/** Whether a tree continues an older one: consistency proofs of RFC 9162, section 2.1.4. Pure; hashes are lower-case hex. */
import {EMPTY_TREE, nodeHash, rootOf} from './tree.ts'

export interface TreeRoot {
  /** Leaves; at most 2^53 - 1. */
  readonly size: number
  readonly root: string
}

/** Rebuilds both roots from the path, as section 2.1.4.2 says. Every tree continues the empty one, and itself, by an empty path. */
export function isConsistent(older: TreeRoot, newer: TreeRoot, path: readonly string[]): boolean {
  if (![older.size, newer.size].every((size) => Number.isSafeInteger(size) && size >= 0) || older.size > newer.size) return false
  if (older.size === newer.size) return path.length === 0 && older.root === newer.root
  if (older.size === 0) return path.length === 0 && older.root === rootOf(EMPTY_TREE)
  const [start, ...rest] = isPowerOfTwo(older.size) ? [older.root, ...path] : path
  if (start === undefined || (isPowerOfTwo(older.size) && path.length === 0)) return false

  let node = older.size - 1
  let last = newer.size - 1
  while (isRight(node)) [node, last] = [parent(node), parent(last)]
  let before = start
  let after = start
  for (const hash of rest) {
    if (last === 0) return false
    if (isRight(node) || node === last) {
      before = nodeHash(hash, before)
      after = nodeHash(hash, after)
      while (!isRight(node) && node !== 0) [node, last] = [parent(node), parent(last)]
    } else after = nodeHash(after, hash)
    ;[node, last] = [parent(node), parent(last)]
  }
  return last === 0 && before === older.root && after === newer.root
}

function isPowerOfTwo(size: number): boolean {
  return Number.isInteger(Math.log2(size)) && 2 ** Math.round(Math.log2(size)) === size
}

// No bit operators: those of JavaScript know 32 bits only.
function isRight(node: number): boolean {
  return node % 2 === 1
}

function parent(node: number): number {
  return Math.floor(node / 2)
}
