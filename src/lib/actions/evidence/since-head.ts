/**
 * Where a kept checkpoint stands in the log: the seal that ends there, found by halving.
 *
 * Rules: the log has to have that very root at that size. Where it has, what follows it is all that is walked; where not,
 * that is said, and everything is.
 */
import {AppError} from '../../errors.ts'
import type {EvidenceFinding} from '../../evidence/chain-link.ts'
import {START, stateAfter, type LogState} from '../../ledger/fold.ts'
import {keptFinding, type KeptHead} from '../../ledger/head-findings.ts'
import {decodeSeal, type StoredSeal} from '../../ledger/seal.ts'
import {rootOf} from '../../ledger/tree.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'
import {readFirst, type ListedLog} from '../ledger/list-log.ts'

export interface Since {
  /** Undefined where the walk has to begin at the first seal. */
  readonly state?: LogState
  readonly finding?: EvidenceFinding
}

/** @throws AppError `store.*` */
export async function sinceHead(head: KeptHead, store: EvidenceStore, listed: ListedLog): Promise<Since> {
  try {
    return judge(head, await lastUpTo(head.size, store, listed))
  } catch (error) {
    // What cannot be read is found by the walk, from the first seal on.
    if (error instanceof AppError && error.code === 'seal.unreadable') return {}
    throw error
  }
}

function judge(head: KeptHead, {found, isNewest}: {found?: StoredSeal; isNewest: boolean}): Since {
  const state = found === undefined ? START : stateAfter(found)
  const size = state.tree.size
  const finding = keptFinding(head, isNewest ? size : Number.MAX_SAFE_INTEGER, (at) => (at === size ? state.root : undefined))
  if (finding !== undefined) return {finding}
  // Its frontier is believed only as far as it makes the root that was kept.
  return rootOf(state.tree) === head.root && state.tree.frontier.length === bitsOf(size) ? {state} : {}
}

/** The last seal that ends at `size` or before it. */
async function lastUpTo(size: number, store: EvidenceStore, {seals}: ListedLog): Promise<{found?: StoredSeal; isNewest: boolean}> {
  const objects = [...seals.values()]
  let found: StoredSeal | undefined
  let [low, high] = [0, objects.length]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const object = objects[middle]
    const bytes = object === undefined ? undefined : (await readFirst(store, object))?.bytes
    const stored = decodeSeal(bytes ?? new Uint8Array(), object?.key ?? '')
    if (stored.seal.size_after <= size) [found, low] = [stored, middle + 1]
    else high = middle
  }
  return {isNewest: low === objects.length, ...(found !== undefined && {found})}
}

/** As many perfect subtrees as the size has ones. */
function bitsOf(size: number): number {
  return size.toString(2).replaceAll('0', '').length
}
