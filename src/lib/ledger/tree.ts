/**
 * The Merkle tree of RFC 6962, section 2.1, as far as appending needs it. Pure; hashes are lower-case hex.
 *
 * A frontier is the roots of the perfect subtrees that the leaves make, the largest first (a compact range from 0): with
 * the size it is all that is needed to append, and to know the root.
 */
import {createHash} from 'node:crypto'

export interface Tree {
  /** Leaves. */
  readonly size: number
  readonly frontier: readonly string[]
}

export const EMPTY_TREE: Tree = {size: 0, frontier: []}

/** Of the leaf's bytes: SHA-256(0x00 || leaf). */
export function leafHash(leaf: Uint8Array): string {
  return createHash('sha256').update(Uint8Array.of(0)).update(leaf).digest('hex')
}

/** Of two subtrees: SHA-256(0x01 || left || right). */
export function nodeHash(left: string, right: string): string {
  return createHash('sha256').update(Uint8Array.of(1)).update(left, 'hex').update(right, 'hex').digest('hex')
}

/** One more leaf: every trailing one bit of the size is a subtree that becomes part of a larger one. */
export function append({size, frontier}: Tree, leaf: string): Tree {
  const next = [...frontier]
  let hash = leaf
  for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) hash = nodeHash(next.pop() ?? '', hash)
  return {size: size + 1, frontier: [...next, hash]}
}

/** MTH of all leaves; of none, the hash of nothing. */
export function rootOf({frontier}: Tree): string {
  const [first, ...rest] = frontier.toReversed()
  if (first === undefined) return createHash('sha256').digest('hex')
  return rest.reduce((right, left) => nodeHash(left, right), first)
}
