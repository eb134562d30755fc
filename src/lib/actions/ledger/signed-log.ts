/**
 * The log as its newest checkpoint says it is: read seal by seal, and believed only where it comes out as it was signed.
 */
import {AppError} from '../../errors.ts'
import {checkpointKey, CHECKPOINTS, parseCheckpointKey} from '../../evidence/key.ts'
import {checkpointFault, parseCheckpoint, type Checkpoint} from '../../ledger/checkpoint.ts'
import {foldSeal, isFault, START, type LogState} from '../../ledger/fold.ts'
import type {Leaf} from '../../ledger/leaf.ts'
import type {VerifierKey} from '../../ledger/note.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'
import {readLog} from './read-log.ts'

export interface SignedHead {
  /** Of the seal. */
  readonly n: number
  readonly checkpoint: Checkpoint
}

export interface LogReader {
  /** Each leaf that the checkpoint covers, in order. */
  readonly onLeaf: (leaf: Leaf, hash: string, index: number) => void
  /** After each seal that the checkpoint covers. */
  readonly afterSeal?: () => Promise<void>
  /** Each leaf after that: sealed, and not signed for yet. */
  readonly onUnsigned?: (leaf: Leaf) => void
}

/**
 * The newest checkpoint, signed by one of `keys`.
 * @throws AppError `checkpoint.no-key`, `checkpoint.missing`, `checkpoint.unreadable`, `checkpoint.wrong-key`, `checkpoint.invalid`, `store.*`
 */
export async function newestSigned(store: Pick<EvidenceStore, 'address' | 'list' | 'get'>, keys: readonly VerifierKey[]): Promise<SignedHead> {
  let n = 0
  for await (const key of store.list(CHECKPOINTS)) n = Math.max(n, parseCheckpointKey(key) ?? 0)
  const key = checkpointKey(n)
  const note = n === 0 ? undefined : await store.get(key)
  if (note === undefined) throw new AppError('checkpoint.missing', `there is no checkpoint in ${store.address}: nothing is sealed there yet`)
  if (keys.length === 0) throw new AppError('checkpoint.no-key', `nothing says by whom the log in ${store.address} should be signed`)
  const checkpoint = parseCheckpoint(note)
  const fault = checkpointFault(checkpoint, keys)
  if (fault === 'checkpoint.invalid') throw new AppError(fault, `the signature of ${key} does not match it`)
  if (fault !== undefined) throw new AppError(fault, `${key}, of the log ${checkpoint.origin}, is not signed by a key that is trusted`)
  return {n, checkpoint}
}

/**
 * Reads the log from its beginning, and holds it to the checkpoint.
 * @throws AppError `seal.*`, `log.truncated`, `checkpoint.contradicts`, `store.*`
 */
export async function readSigned(store: Pick<EvidenceStore, 'list' | 'get'>, {n, checkpoint}: SignedHead, reader: LogReader): Promise<void> {
  let state: LogState = START
  for await (const stored of readLog(store)) {
    const isSigned = state.n < n
    const next = foldSeal(state, stored, isSigned ? reader.onLeaf : (leaf) => reader.onUnsigned?.(leaf))
    if (isFault(next)) throw new AppError(next.code, next.message)
    state = next
    if (isSigned) await reader.afterSeal?.()
    if (state.n === n) holdTo(checkpoint, state)
  }
  if (state.n < n) throw new AppError('log.truncated', `the checkpoint is of seal ${n}, and the log ends with seal ${state.n}`)
}

function holdTo(checkpoint: Checkpoint, {n, origin, tree, root}: LogState): void {
  if (origin !== checkpoint.origin || tree.size !== checkpoint.size || root !== checkpoint.root)
    throw new AppError('checkpoint.contradicts', `${checkpointKey(n)} is signed for another log than the seals make up to it`)
}
