/** The seals of a store, one after another. What they say is not checked here: `foldSeal` does. */
import {AppError} from '../../errors.ts'
import {parseSealKey, sealKey, SEALS} from '../../evidence/key.ts'
import {decodeSeal, type StoredSeal} from '../../ledger/seal.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'

/**
 * In the order of their numbers, as readers see them. What is missing is left out, and what is no seal is passed over.
 * @param from the first number
 * @throws AppError `seal.unreadable`, `seal.broken` where a seal has another number than its name, `store.*`
 */
export async function* readLog(store: Pick<EvidenceStore, 'list' | 'get'>, from = 1): AsyncGenerator<StoredSeal> {
  for await (const key of store.list(SEALS)) {
    const n = parseSealKey(key)
    const bytes = n === undefined || n < from ? undefined : await store.get(key)
    if (bytes === undefined) continue
    const stored = decodeSeal(bytes, key)
    if (sealKey(stored.seal.n) !== key) throw new AppError('seal.broken', `${key} calls itself seal ${stored.seal.n}`)
    yield stored
  }
}
