/**
 * Where a kept checkpoint stands in the log: the seal that ends there, found by halving.
 *
 * Rules: the log has to have that very root at that size. Where it has, what follows it is all that is walked; where not,
 * that is said, and everything is.
 */
import {AppError} from '../../errors.ts'
import type {EvidenceFinding} from '../../evidence/chain-link.ts'
import {sealKey} from '../../evidence/key.ts'
import {START, stateAfter, type LogState} from '../../ledger/fold.ts'
import {keptFinding, type KeptHead} from '../../ledger/head-findings.ts'
import {decodeSeal, type StoredSeal} from '../../ledger/seal.ts'
import {rootOf} from '../../ledger/tree.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'
import {readFirst, type ListedLog} from '../ledger/list-log.ts'

export interface Since {
  /** Undefined where the walk has to begin at the first seal. */
  readonly state?: LogState
  /** Of its seal, by the store's clock; undefined where it begins before the first. */
  readonly came?: string
  readonly finding?: EvidenceFinding
}

/** @throws AppError `store.*` */
export async function sinceHead(head: KeptHead, store: EvidenceStore, listed: ListedLog): Promise<Since> {
  try {
    return judge(head, await firstFrom(head.size, store, listed))
  } catch (error) {
    // What cannot be read is found by the walk, from the first seal on.
    if (error instanceof AppError && error.code === 'seal.unreadable') return {}
    throw error
  }
}

function judge(head: KeptHead, {found, came, newest}: Halved): Since {
  const state = head.size === 0 ? START : found === undefined ? undefined : stateAfter(found)
  const finding = keptFinding(head, newest, (size) => (state?.tree.size === size ? state.root : undefined))
  if (finding !== undefined || state === undefined) return finding === undefined ? {} : {finding}
  // Its frontier is believed only as far as it makes the root that was kept.
  return rootOf(state.tree) === head.root && state.tree.frontier.length === bitsOf(head.size) ? {state, ...(state.n > 0 && came !== undefined && {came})} : {}
}

interface Halved {
  /** The first seal that ends at the size or after it: what was sealed later without adding anything is walked. */
  readonly found?: StoredSeal
  readonly came?: string
  /** Where the log ends, as far as it matters here. */
  readonly newest: number
}

async function firstFrom(size: number, store: EvidenceStore, {seals}: ListedLog): Promise<Halved> {
  const objects = [...seals.values()]
  let found: StoredSeal | undefined
  let came: string | undefined
  let newest = 0
  let [low, high] = [0, objects.length]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const object = objects[middle]
    const bytes = object === undefined ? undefined : (await readFirst(store, object))?.bytes
    const stored = decodeSeal(bytes ?? new Uint8Array(), object?.key ?? '')
    if (object?.key !== sealKey(stored.seal.n)) throw new AppError('seal.unreadable', `${object?.key} calls itself seal ${stored.seal.n}`)
    newest = Math.max(newest, stored.seal.size_after)
    if (stored.seal.size_after >= size) [found, came, high] = [stored, object.came, middle]
    else low = middle + 1
  }
  return {newest, ...(found !== undefined && {found}), ...(came !== undefined && {came})}
}

/** As many perfect subtrees as the size has ones. */
function bitsOf(size: number): number {
  return size.toString(2).replaceAll('0', '').length
}
