import assert from 'node:assert/strict'
import {join} from 'node:path'
import {AppError, type ReasonCode} from '../../../src/lib/errors.ts'
import {blobKey} from '../../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../../src/lib/evidence/record.ts'
import {openSpool} from '../../../src/lib/stores/spool.ts'
import {spooledStore} from '../../../src/lib/stores/spooled.ts'
import {allOf} from '../../all-of.ts'
import {memoryStore} from '../../fakes/memory-store.ts'
import {scratch} from '../../scratch.ts'
import {itBehavesAsAStore} from './store-behaviour.ts'

const [ONE, TWO, THREE] = ['one', 'two', 'three'].map((words) => ({key: blobKey(sha256Hex(words)), bytes: Buffer.from(words)})) as [Item, Item, Item]
interface Item {
  readonly key: string
  readonly bytes: Buffer
}

describe('a store with a spool behind it', () => {
  const folder = scratch()
  const spool = async (full = false) =>
    openSpool(join(folder(), 'spool'), 's3://bucket/evidence', {
      async fill(file, bytes) {
        if (full) throw Object.assign(new Error('ENOSPC'), {code: 'ENOSPC'})
        await file.writeFile(bytes)
      },
    })

  const world = (full = false) => {
    const real = memoryStore()
    const notes: string[] = []
    const state: {fault: ReasonCode | undefined; tried: number} = {fault: undefined, tried: 0}
    const store = spooledStore(
      {
        ...real,
        async put(key, bytes) {
          state.tried += 1
          if (state.fault !== undefined) throw new AppError(state.fault, 'no answer within 30 s')
          return real.put(key, bytes)
        },
      },
      async () => spool(full),
      (path, text) => void notes.push(text.replaceAll(path, 'SPOOL')),
    )
    return {real, notes, state, store}
  }
  const waiting = async () => allOf((await spool()).list(''))

  describe('in reach', () => {
    itBehavesAsAStore(async () => world().store)

    it('leaves no spool behind', async () => {
      const {store, real} = world()
      assert.equal(await store.put(ONE.key, ONE.bytes), 'written')
      assert.deepEqual([[...real.objects.keys()], await waiting()], [[ONE.key], []])
    })
  })

  it('out of reach: the bytes wait, it is said once, and nobody waits for the outage twice', async () => {
    const {store, real, notes, state} = world()
    state.fault = 'store.unreachable'
    for (const {key, bytes} of [ONE, TWO, THREE]) assert.equal(await store.put(key, bytes), 'written')
    assert.equal(await store.put(ONE.key, ONE.bytes), 'present')
    assert.deepEqual([real.objects.size, state.tried], [0, 1])
    assert.deepEqual(await waiting(), [ONE.key, TWO.key, THREE.key].toSorted())
    assert.deepEqual(notes, [
      `${real.address} is out of reach (no answer within 30 s); 1 object waits in SPOOL, and what comes now waits behind it; deliver it: hipaa-ci emit --flush --spool 'SPOOL' --store '${real.address}'`,
    ])
    assert.equal(await store.get(ONE.key), undefined, 'readers read the store')
  })

  it('back again: what is new goes behind what waits, also for another process, and straight in once that is delivered', async () => {
    const first = world()
    first.state.fault = 'store.unreachable'
    await first.store.put(ONE.key, ONE.bytes)
    first.state.fault = undefined
    await first.store.put(TWO.key, TWO.bytes)
    const next = world()
    await next.store.put(THREE.key, THREE.bytes)
    assert.deepEqual([first.real.objects.size, next.real.objects.size, next.state.tried], [0, 0, 0])
    assert.match(next.notes.join(), /^evidence waits for folder:\/memory\/evidence; 3 objects wait in /)
    for (const key of await waiting()) await (await spool()).remove(key)
    await next.store.put(THREE.key, THREE.bytes)
    await first.store.put(ONE.key, ONE.bytes)
    assert.deepEqual([[...first.real.objects.keys()], [...next.real.objects.keys()], await waiting()], [[ONE.key], [THREE.key], []])
  })

  for (const code of ['store.refused', 'store.conflict', 'store.unfit'] as const)
    it(`${code} is an answer, and no outage`, async () => {
      const {store, state} = world()
      state.fault = code
      await assert.rejects(store.put(ONE.key, ONE.bytes), {code})
      assert.deepEqual(await waiting(), [])
    })

  it('a full disk in the spool names both faults, and drops nothing silently', async () => {
    const {store, state} = world(true)
    state.fault = 'store.unreachable'
    await assert.rejects(store.put(ONE.key, ONE.bytes), (error: AppError) => {
      assert.deepEqual([error.code, error.exitCode], ['store.unreachable', 4])
      assert.match(error.message, /no answer within 30 s; and the spool does not take it: cannot write .*no space left on the device \(ENOSPC\)/)
      return true
    })
    assert.deepEqual(await waiting(), [])
  })
})
