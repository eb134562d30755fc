/** The next seal, and the one conditional put that makes it a part of the log. Pure. */
import {AppError} from '../errors.ts'
import {sealKey} from '../evidence/key.ts'
import {foldSeal, isFault, type LogState} from './fold.ts'
import {leafBytes, type Leaf} from './leaf.ts'
import {encodeSeal, type Seal, type StoredSeal} from './seal.ts'
import type {Sweep} from './sealer-candidates.ts'
import {askGet, askPut, type Steps} from './sealer-effects.ts'
import {TRIES} from './sealer-sign.ts'
import {totalsAfter} from './totals.ts'
import {append, leafHash, rootOf} from './tree.ts'

/** Who seals, and when. */
export interface Committer {
  readonly origin: string
  /** UTC with milliseconds. */
  readonly now: string
  /** One name a process. */
  readonly sealer: string
}

/** @param searched what can be said to be searched once this seal is there; undefined where more is to follow */
export function sealOf(state: LogState, entries: Leaf[], {origin, now, sealer}: Committer, searched: Sweep | undefined): StoredSeal {
  const n = state.n + 1
  const tree = entries.reduce((grown, leaf) => append(grown, leafHash(leafBytes(leaf))), state.tree)
  const {window, all} = state.swept
  const swept: Seal['swept'] = {window: searched === 'window' || searched === 'all' ? now : window, all: searched === 'all' ? now : all}
  return encodeSeal({
    v: 1,
    n,
    origin,
    ...(state.sha256 !== undefined && {prev: state.sha256}),
    size_before: state.tree.size,
    size_after: tree.size,
    root_before: state.root,
    root_after: rootOf(tree),
    sealed_at: now,
    sealer,
    entries,
    frontier: [...tree.frontier],
    ...totalsAfter(state.totals, {n, entries, sealed_at: now}),
    swept,
  })
}

/** Whether it stands in the store now, and is ours. */
export function* commit({seal: {n}, bytes}: StoredSeal): Steps<boolean> {
  const key = sealKey(n)
  for (let tries = 0; tries < TRIES; tries += 1) {
    if ((yield* askPut(key, bytes)) === 'written') return true
    // `present` may be our own, of which the reply was lost; after `unknown` it may be anybody's, or nobody's.
    const stored = yield* askGet(key)
    if (stored !== undefined) return Buffer.compare(stored, bytes) === 0
  }
  throw new AppError('store.unreachable', `the store does not say whether it has written ${key}`)
}

/** The log with this seal; whatever was put together is held to the same rules as what others wrote. */
export function follow(state: LogState, stored: StoredSeal): LogState {
  const next = foldSeal(state, stored)
  if (isFault(next)) throw new AppError(next.code, next.message)
  return next
}
