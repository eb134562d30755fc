/** Whether a leaf is in a tree: inclusion proofs of RFC 9162, section 2.1.3. Pure; hashes are lower-case hex. */
import {nodeHash} from './tree.ts'

export interface Inclusion {
  /** Of the leaf, from 0. */
  readonly index: number
  /** Leaves of the tree; at most 2^53 - 1. */
  readonly size: number
  /** Hash of the leaf. */
  readonly leaf: string
  /** From the leaf's sibling up to the root's child. */
  readonly path: readonly string[]
  readonly root: string
}

/** Walks up from the leaf, as section 2.1.3.2 says; the tree itself is not needed. */
export function isIncluded({index, size, leaf, path, root}: Inclusion): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false
  let node = index
  let last = size - 1
  let hash = leaf
  for (const sibling of path) {
    if (last === 0) return false
    if (isRight(node) || node === last) {
      hash = nodeHash(sibling, hash)
      // Levels at which the last node has no sibling.
      while (!isRight(node) && node !== 0) [node, last] = [parent(node), parent(last)]
    } else hash = nodeHash(hash, sibling)
    ;[node, last] = [parent(node), parent(last)]
  }
  return last === 0 && hash === root
}

// No bit operators: those of JavaScript know 32 bits only.
function isRight(node: number): boolean {
  return node % 2 === 1
}

function parent(node: number): number {
  return Math.floor(node / 2)
}
