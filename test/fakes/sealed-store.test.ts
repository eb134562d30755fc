import assert from 'node:assert/strict'
import {checkpointFault, parseCheckpoint} from '../../src/lib/ledger/checkpoint.ts'
import {leafBytes} from '../../src/lib/ledger/leaf.ts'
import {leafHash, nodeHash} from '../../src/lib/ledger/tree.ts'
import {testCheckpointKey} from './checkpoint-keys.ts'
import {EvidenceWriter} from './evidence-writer.ts'
import {versionedMemoryStore} from './memory-store.ts'
import {sealsOf, sealStore} from './sealed-store.ts'

const TEST = {name: 'unit', passed: 1, failed: 0, skipped: 0}

describe('the log that tests make by hand', () => {
  it('continues from seal to seal, and is signed', async () => {
    const store = versionedMemoryStore()
    const writer = new EvidenceWriter(store)
    for (let count = 0; count < 3; count += 1) await writer.write('test', TEST)
    await sealStore(store, {per: 2})
    await writer.write('test', TEST)
    await sealStore(store)
    assert.deepEqual([await sealStore(store), (await sealStore(store, {heartbeat: true})).length], [[], 1])
    const seals = await sealsOf(store)
    assert.deepEqual(
      seals.map(({seal}) => [seal.n, seal.size_before, seal.size_after, seal.entries.length]),
      [
        [1, 0, 2, 2],
        [2, 2, 3, 1],
        [3, 3, 4, 1],
        [4, 4, 4, 0],
      ],
    )
    const [a = '', b = '', c = '', d = ''] = seals.flatMap(({seal}) => seal.entries.map((leaf) => leafHash(leafBytes(leaf))))
    assert.equal(seals[3]?.seal.root_after, nodeHash(nodeHash(a, b), nodeHash(c, d)))
    for (const [index, {seal}] of seals.entries()) {
      if (index > 0) assert.deepEqual([seal.prev, seal.root_before], [seals[index - 1]?.sha256, seals[index - 1]?.seal.root_after])
      const checkpoint = parseCheckpoint((await store.get(`log/checkpoint/00000000000${seal.n}`)) ?? '')
      assert.deepEqual([checkpoint.size, checkpoint.root], [seal.size_after, seal.root_after])
      assert.equal(checkpointFault(checkpoint, [testCheckpointKey().verifier]), undefined)
      assert.equal(checkpointFault(checkpoint, [testCheckpointKey('another').verifier]), 'checkpoint.wrong-key')
    }
  })
})
