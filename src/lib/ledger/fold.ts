/**
 * Reading the log: one seal after another, each held to the one before it. Pure.
 *
 * Rules: nothing that a seal says of itself is believed: every leaf is hashed and appended here, and sizes, roots,
 * frontier and totals must come out as they are written.
 */
import type {ReasonCode} from '../errors.ts'
import {sealKey} from '../evidence/key.ts'
import {leafBytes, MAX_LEAF_BYTES, type Leaf} from './leaf.ts'
import type {Seal, StoredSeal} from './seal.ts'
import {placeOfKey, NEVER, NO_TOTALS, totalsAfter, type Totals} from './totals.ts'
import {append, EMPTY_TREE, leafHash, rootOf, type Tree} from './tree.ts'

/** The log up to and with the seal `n`; 0 before the first. */
export interface LogState {
  readonly n: number
  /** Of the stored bytes of seal `n`. */
  readonly sha256?: string
  /** Undefined before the first seal. */
  readonly origin?: string
  readonly tree: Tree
  /** Hex. */
  readonly root: string
  readonly totals: Totals
  readonly swept: Seal['swept']
  /** Of seal `n`. */
  readonly sealedAt?: string
}

export interface SealFault {
  readonly code: Extract<ReasonCode, 'seal.broken' | 'seal.missing'>
  /** One sentence in lower case. */
  readonly message: string
}

export const START: LogState = {n: 0, tree: EMPTY_TREE, root: rootOf(EMPTY_TREE), totals: NO_TOTALS, swept: {window: NEVER, all: NEVER}}

/** @param onLeaf called with each leaf's hash and place in the log (from 0), in order, also where the seal turns out to be broken */
export function foldSeal(state: LogState, {seal, sha256}: StoredSeal, onLeaf?: (leaf: Leaf, hash: string, index: number) => void): LogState | SealFault {
  const own = sealKey(seal.n)
  if (seal.n > state.n + 1) return {code: 'seal.missing', message: `seal ${state.n + 1} is not there, and seal ${seal.n} is`}
  if (seal.n !== state.n + 1) return broken(own, `stands where seal ${state.n + 1} should`)
  if (seal.prev !== state.sha256) return broken(own, 'does not name the digest of the seal before it')
  if (state.origin !== undefined && seal.origin !== state.origin) return broken(own, `is of the log ${seal.origin}, not of ${state.origin}`)
  if (seal.size_before !== state.tree.size || seal.root_before !== state.root) return broken(own, 'does not begin where the seal before it ended')
  let tree = state.tree
  for (const leaf of seal.entries) {
    const bytes = leafBytes(leaf)
    if (placeOfKey(leaf.key)?.stream !== leaf.stream) return broken(own, `has an entry that is no record of its stream: ${leaf.key}`)
    if (bytes.length > MAX_LEAF_BYTES) return broken(own, `has an entry of ${bytes.length} bytes: ${leaf.key}`)
    const hash = leafHash(bytes)
    onLeaf?.(leaf, hash, tree.size)
    tree = append(tree, hash)
  }
  const root = rootOf(tree)
  if (seal.size_after !== tree.size || seal.root_after !== root) return broken(own, 'has another size or root than its entries make')
  if (seal.frontier.join() !== tree.frontier.join()) return broken(own, 'has another frontier than its entries make')
  const totals = totalsAfter(state.totals, seal)
  if (JSON.stringify({since: seal.since, totals: seal.totals}) !== JSON.stringify(totals)) return broken(own, 'counts other records than the log has')
  if (!sweptFollows(state.swept, seal)) return broken(own, 'says that it was searched at a time when it was not')
  return {n: seal.n, sha256, origin: seal.origin, tree, root, totals, swept: seal.swept, sealedAt: seal.sealed_at}
}

/** Whether it is a fault. */
export function isFault(result: LogState | SealFault): result is SealFault {
  return 'code' in result
}

/** What a seal says of the log up to it; believed only where it is known to be right. */
export function stateAfter({seal, sha256}: StoredSeal): LogState {
  return {
    n: seal.n,
    sha256,
    origin: seal.origin,
    tree: {size: seal.size_after, frontier: seal.frontier},
    root: seal.root_after,
    totals: {since: seal.since, totals: seal.totals},
    swept: seal.swept,
    sealedAt: seal.sealed_at,
  }
}

/** Each stays as it was, or is the time of this seal. */
function sweptFollows(before: Seal['swept'], {swept, sealed_at: now}: Seal): boolean {
  return [swept.window === before.window || swept.window === now, swept.all === before.all || swept.all === now].every(Boolean)
}

function broken(key: string, what: string): SealFault {
  return {code: 'seal.broken', message: `${key} ${what}`}
}
