/** Where the log ends, and what was signed there. */
import {checkpointKey, parseSealKey, SEALS} from '../../evidence/key.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'

export interface NewestCheckpoint {
  /** Of the newest seal. */
  readonly n: number
  /** Of its checkpoint. */
  readonly key: string
  /** As it is stored; undefined where it is not signed (yet). */
  readonly note?: Uint8Array
}

/** Undefined where nothing is sealed. @throws AppError `store.*` */
export async function newestCheckpoint(store: Pick<EvidenceStore, 'list' | 'get'>): Promise<NewestCheckpoint | undefined> {
  let n = 0
  for await (const key of store.list(SEALS)) n = Math.max(n, parseSealKey(key) ?? 0)
  if (n === 0) return undefined
  const key = checkpointKey(n)
  const note = await store.get(key)
  return {n, key, ...(note !== undefined && {note})}
}
