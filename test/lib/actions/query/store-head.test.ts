import assert from 'node:assert/strict'
import {storeHead} from '../../../../src/lib/actions/query/store-head.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import {checkpointKey, sealKey} from '../../../../src/lib/evidence/key.ts'
import {QueryDetail} from '../../../../src/lib/evidence/details.ts'
import {TEST} from '../../../attacks/scene.ts'
import {ORIGIN, testCheckpointKey} from '../../../fakes/checkpoint-keys.ts'
import {EvidenceWriter} from '../../../fakes/evidence-writer.ts'
import {memoryStore, type MemoryStore} from '../../../fakes/memory-store.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {sealStore} from '../../../fakes/sealed-store.ts'

async function sealed(): Promise<{store: MemoryStore; root: string}> {
  const store = memoryStore()
  const writer = new EvidenceWriter(store)
  for (let count = 0; count < 3; count += 1) await writer.write('test', TEST)
  const seals = await sealStore(store, {per: 2})
  return {store, root: seals.at(-1)?.seal.root_after ?? ''}
}

async function headOf(store: MemoryStore, sealing: object = {origin: ORIGIN, keys: [testCheckpointKey().verifier.text]}) {
  const asked: string[] = []
  const watched = {...store, get: async (key: string) => (asked.push(key), store.get(key))}
  const config = {...Config.parse({version: 1, system: 'patient-api', sealing}), root: '/project'}
  const head = await storeHead(quietContext({store: async () => watched, config}))
  assert.ok(QueryDetail.shape.head.safeParse(head.head).success)
  return {...head, asked}
}

describe('the head of a store', () => {
  it('is the newest checkpoint, if a key of the configuration signed it', async () => {
    const {store, root} = await sealed()
    assert.deepEqual(await headOf(store), {head: `3@${root}`, seal: {n: 2, size: 3, checkpoint: 'verified'}, asked: [checkpointKey(2)]})
  })

  it('is the newest seal where that is not signed, not by a known key, or not readably', async () => {
    const {store, root} = await sealed()
    const expected = {head: `3@${root}`, seal: {n: 2, size: 3, checkpoint: 'not-verified'}}
    const {asked: _, ...other} = await headOf(store, {origin: ORIGIN, keys: [testCheckpointKey('another').verifier.text]})
    assert.deepEqual(other, expected)
    // A key service is not asked for this.
    assert.deepEqual((await headOf(store, {origin: ORIGIN, key: 'awskms:///alias/x'})).asked, [sealKey(2)])
    store.objects.set(checkpointKey(2), Buffer.from('x'))
    const {asked: __, ...unreadable} = await headOf(store)
    assert.deepEqual(unreadable, expected)
    store.objects.delete(checkpointKey(2))
    assert.equal((await headOf(store)).seal?.n, 1)
  })

  it('is none where nothing was sealed, and says so where the seal is none', async () => {
    const {store} = await sealed()
    const empty = memoryStore()
    assert.deepEqual(await headOf(empty), {head: 'not-sealed', seal: null, asked: []})
    for (const key of store.objects.keys()) if (key.startsWith('log/checkpoint')) store.objects.delete(key)
    store.objects.set(sealKey(2), Buffer.from('x'))
    assert.deepEqual((await headOf(store)).head, 'unreadable')
  })
})
