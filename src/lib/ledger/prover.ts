/**
 * Proofs out of one pass over the leaves, in memory as high as the tree. Pure but for its own state.
 *
 * A path is begun where its node is appended, and filled as that node is merged into larger ones: nothing has to be known
 * beforehand, and no leaf is kept.
 */
import {EMPTY_TREE, nodeHash, rootOf} from './tree.ts'

export interface Prover {
  /** @param leaf its hash, hex */
  append(leaf: string): void
  /** The path of the leaf that is appended next: complete once `finish` was called. */
  followNext(): readonly string[]
  /** The consistency path of the tree as it is now: complete once `finish` was called. */
  followTree(): readonly string[]
  /** The root of the tree as it is now; nothing may be appended after it. */
  finish(): string
}

/** The root of a perfect subtree, and the paths that lead through it. */
interface Node {
  readonly hash: string
  readonly size: number
  readonly paths: readonly string[][]
}

export function createProver(): Prover {
  const nodes: Node[] = []
  let next: string[][] = []
  let begun: (() => void)[] = []
  return {
    append(leaf) {
      for (const begin of begun) begin()
      begun = []
      let node: Node = {hash: leaf, size: 1, paths: next}
      next = []
      for (let left = nodes.at(-1); left?.size === node.size; left = nodes.at(-1)) {
        nodes.pop()
        node = merge(left, node)
      }
      nodes.push(node)
    },
    followNext() {
      const path: string[] = []
      next.push(path)
      return path
    },
    followTree() {
      const path: string[] = []
      // Of the tree itself, and of none, the path is empty: it begins with the next leaf.
      begun.push(() => {
        const last = nodes.at(-1)
        if (last === undefined) return
        if (nodes.length > 1) path.push(last.hash)
        nodes[nodes.length - 1] = {...last, paths: [...last.paths, path]}
      })
      return path
    },
    finish() {
      const [last, ...rest] = nodes.toReversed()
      return last === undefined ? rootOf(EMPTY_TREE) : rest.reduce((right, left) => merge(left, right), last).hash
    },
  }
}

function merge(left: Node, right: Node): Node {
  for (const path of left.paths) path.push(right.hash)
  for (const path of right.paths) path.push(left.hash)
  return {hash: nodeHash(left.hash, right.hash), size: left.size + right.size, paths: [...left.paths, ...right.paths]}
}
