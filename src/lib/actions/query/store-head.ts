/**
 * Where the log over a store ends, for the block beside an answer: one list, and one or two documents.
 *
 * Rules: it says what an answer was asked of, and judges nothing: that is `evidence verify`. No key service is asked.
 */
import {AppError} from '../../errors.ts'
import {CHECKPOINTS, checkpointKey, parseCheckpointKey, parseSealKey, sealKey, SEALS} from '../../evidence/key.ts'
import {checkpointFault, parseCheckpoint} from '../../ledger/checkpoint.ts'
import type {VerifierKey} from '../../ledger/note.ts'
import {decodeSeal} from '../../ledger/seal.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'
import {NOT_SEALED, type Ipe} from '../../queries/ipe.ts'
import {verifierKeys} from '../ledger/verifier-keys.ts'

type Head = Pick<Ipe['store'], 'head' | 'seal'>

/** @throws AppError `store.*` */
export async function storeHead(context: Context): Promise<Head> {
  const store = await context.store()
  const n = await newest(store, CHECKPOINTS, parseCheckpointKey)
  const signed = n === 0 ? undefined : await headOfCheckpoint(store, n, context)
  if (signed !== undefined) return signed
  // Not signed yet, or not by a key that is known: what the newest seal says.
  const last = Math.max(n, await newest(store, SEALS, parseSealKey))
  const bytes = last === 0 ? undefined : await store.get(sealKey(last))
  const sealed = bytes === undefined ? undefined : unless(() => decodeSeal(bytes, sealKey(last)).seal)
  if (sealed === undefined) return last === 0 ? {head: NOT_SEALED, seal: null} : {head: 'unreadable', seal: {n: last, size: null, checkpoint: 'not-verified'}}
  return {head: `${sealed.size_after}@${sealed.root_after}`, seal: {n: last, size: sealed.size_after, checkpoint: 'not-verified'}}
}

async function headOfCheckpoint(store: EvidenceStore, n: number, context: Context): Promise<Head | undefined> {
  const keys = await knownKeys(context)
  const note = keys.length === 0 ? undefined : await store.get(checkpointKey(n))
  const checkpoint = note === undefined ? undefined : unless(() => parseCheckpoint(note))
  if (checkpoint === undefined || checkpointFault(checkpoint, keys) !== undefined) return undefined
  return {head: `${checkpoint.size}@${checkpoint.root}`, seal: {n, size: checkpoint.size, checkpoint: 'verified'}}
}

async function knownKeys(context: Context): Promise<readonly VerifierKey[]> {
  const {sealing} = context.config
  if (sealing === undefined || (sealing.keys === undefined && sealing.key?.startsWith('awskms:') === true)) return []
  try {
    return await verifierKeys([], context)
  } catch (error) {
    if (error instanceof AppError) return []
    throw error
  }
}

async function newest(store: EvidenceStore, prefix: string, parse: (key: string) => number | undefined): Promise<number> {
  let n = 0
  for await (const key of store.list(prefix)) n = Math.max(n, parse(key) ?? 0)
  return n
}

function unless<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}
