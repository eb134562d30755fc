import assert from 'node:assert/strict'
import {newestCheckpoint} from '../../../../src/lib/actions/ledger/newest-checkpoint.ts'
import {readLog} from '../../../../src/lib/actions/ledger/read-log.ts'
import {checkpointKey, sealKey} from '../../../../src/lib/evidence/key.ts'
import {memoryStore, type MemoryStore} from '../../../fakes/memory-store.ts'
import {logOf} from '../../ledger/log.ts'

describe('reading the log of a store', () => {
  const seals = logOf([1, 2, 0, 3])

  async function stored(): Promise<MemoryStore> {
    const store = memoryStore()
    for (const {seal, bytes} of seals.toReversed()) await store.put(sealKey(seal.n), bytes)
    return store
  }

  it('gives the seals in their order, from a number on', async () => {
    const store = await stored()
    assert.deepEqual(await numbers(store), [1, 2, 3, 4])
    assert.deepEqual(await numbers(store, 3), [3, 4])
    assert.deepEqual(await numbers(memoryStore()), [])
  })

  it('passes over what is no seal, and over a hole: what follows shows it', async () => {
    const store = await stored()
    await store.put('log/seal/notes.txt', Buffer.from('x'))
    store.objects.delete(sealKey(2))
    assert.deepEqual(await numbers(store), [1, 3, 4])
  })

  it('refuses what cannot be read, and a seal under the name of another', async () => {
    const store = await stored()
    store.objects.set(sealKey(2), Buffer.from('torn'))
    await assert.rejects(numbers(store), {code: 'seal.unreadable', message: /^log\/seal\/000000000002\.json\.gz/})
    store.objects.set(sealKey(2), seals[2]?.bytes ?? Buffer.from(''))
    await assert.rejects(numbers(store), {code: 'seal.broken', message: 'log/seal/000000000002.json.gz calls itself seal 3'})
  })

  it('knows where the log ends, and whether that is signed', async () => {
    const store = await stored()
    await store.put(checkpointKey(3), Buffer.from('older'))
    assert.equal(await newestCheckpoint(memoryStore()), undefined)
    assert.deepEqual(await newestCheckpoint(store), {n: 4, key: checkpointKey(4)})
    await store.put(checkpointKey(4), Buffer.from('newest'))
    assert.deepEqual(await newestCheckpoint(store), {n: 4, key: checkpointKey(4), note: Uint8Array.from(Buffer.from('newest'))})
  })
})

async function numbers(store: MemoryStore, from?: number): Promise<number[]> {
  const found: number[] = []
  for await (const {seal} of readLog(store, from)) found.push(seal.n)
  return found
}
