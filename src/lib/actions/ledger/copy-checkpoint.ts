/**
 * Copies a checkpoint into another store, under the name that it has in its own. A copy is never changed: where another
 * checkpoint stands there under that name, the log has two histories.
 */
import {resolve} from 'node:path'
import {AppError} from '../../errors.ts'
import {checkpointKey, timestampKey} from '../../evidence/key.ts'
import {parseCheckpoint} from '../../ledger/checkpoint.ts'
import {parseNote} from '../../ledger/note.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'

export interface CheckpointToCopy {
  /** Of its seal. */
  readonly n: number
  readonly note: string
  /** RFC 3161, about `note`; goes along. */
  readonly response?: Uint8Array
}

export interface CopiedCheckpoint {
  /** Of the other store. */
  readonly address: string
  readonly key: string
  readonly state: 'written' | 'present'
}

/**
 * @param to `folder:PATH` (from the working folder) or `s3://…`
 * @throws AppError `log.forked`, `store.*`, `usage.flag`
 */
export async function copyCheckpoint(
  {n, note, response}: CheckpointToCopy,
  to: string,
  context: Pick<Context, 'cwd' | 'store' | 'storeAt'>,
): Promise<CopiedCheckpoint> {
  const other = await context.storeAt(to.replace(/^folder:(.+)$/s, (_, path: string) => `folder:${resolve(context.cwd, path)}`))
  const {address} = other
  if (address === (await context.store()).address)
    throw new AppError('usage.flag', `${address} is the store itself: a copy there is in the same hands`, {fix: 'Name a store that somebody else keeps.'})
  const key = checkpointKey(n)
  const state = await other.put(key, Buffer.from(note))
  if (state === 'present') await refuseOther(key, note, other)
  if (response !== undefined) await other.put(timestampKey(n), response)
  return {address, key, state}
}

/** A signature may have been made twice (ECDSA is never the same); what was signed may not differ. */
async function refuseOther(key: string, note: string, other: EvidenceStore): Promise<void> {
  const bytes = await other.get(key)
  if (bytes === undefined) throw new AppError('store.refused', `${other.address} has a ${key} and does not show it, so nobody can say that it is the same`)
  if (textOf(bytes) === parseNote(note).text) return
  const {size, root} = parseCheckpoint(note)
  throw new AppError('log.forked', `${other.address} ${key} says something else than the log, which has ${size} records under the root ${root}`)
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return parseNote(bytes).text
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}
