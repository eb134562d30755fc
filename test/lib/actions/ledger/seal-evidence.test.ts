import assert from 'node:assert/strict'
import {readLog} from '../../../../src/lib/actions/ledger/read-log.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {checkpointKey, sealKey} from '../../../../src/lib/evidence/key.ts'
import {parseCheckpoint} from '../../../../src/lib/ledger/checkpoint.ts'
import {decodeSeal, type Seal} from '../../../../src/lib/ledger/seal.ts'
import type {EvidenceStore} from '../../../../src/lib/ports/evidence-store.ts'
import {ORIGIN} from '../../../fakes/checkpoint-keys.ts'
import {memoryStore, versionedMemoryStore} from '../../../fakes/memory-store.ts'
import {NOW, sealingContext, sealNow, write} from './sealing-context.ts'
import {sealEvidence} from '../../../../src/lib/actions/ledger/seal-evidence.ts'

const at = (time: string) => ({now: () => new Date(time)})
const days = (count: number) => new Date(Date.parse(NOW) + count * 86_400_000).toISOString()

describe('sealing', () => {
  it('appends what is new, signs where the log ends, and does nothing where nothing is new', async () => {
    const store = memoryStore(at(NOW))
    await write(store, 3)
    const first = await sealNow(store)
    assert.deepEqual([first.seal, first.size, first.added, first.searched, first.exitCode], [1, 3, {seals: 1, records: 3}, 'all', 0])
    const {origin, size, root} = parseCheckpoint(first.checkpoint ?? '')
    assert.deepEqual([origin, size, root], [ORIGIN, 3, first.root])
    assert.equal(Buffer.from((await store.get(checkpointKey(1))) ?? []).toString(), first.checkpoint)
    const again = await sealNow(store)
    assert.deepEqual([again.seal, again.added, again.searched, again.checkpoint], [1, {seals: 0, records: 0}, 'recent', first.checkpoint])
  })

  it('brings the checkpoint where it is configured to, and stands where that fails', async () => {
    const store = memoryStore(at(NOW))
    const copy = memoryStore()
    await write(store, 1)
    const reached = {value: false}
    const seal = async () =>
      sealEvidence(
        {all: false},
        sealingContext(store, {
          sealing: {copies: ['s3://auditor-checkpoints/log']},
          async storeAt(address) {
            if (!reached.value) throw new AppError('store.unreachable', `nothing answers for ${address}`)
            return {...copy, address}
          },
        }),
      )
    const failed = await seal()
    assert.deepEqual([failed.exitCode, failed.added.records, failed.anchors[0]?.state], [4, 1, 'failed'])
    assert.notEqual(await store.get(checkpointKey(1)), undefined)
    reached.value = true
    const again = await seal()
    assert.deepEqual([again.exitCode, again.added.records], [0, 0])
    assert.deepEqual(again.anchors, [{kind: 'copy', where: 's3://auditor-checkpoints/log', state: 'written'}])
    assert.deepEqual(await copy.get(checkpointKey(1)), await store.get(checkpointKey(1)))
  })

  it('has nothing to say of an empty store', async () => {
    const result = await sealNow(memoryStore())
    assert.deepEqual([result.seal, result.size, result.checkpoint, result.exitCode], [0, 0, undefined, 0])
  })

  it('makes several seals where one would be too large, and one log of them', async () => {
    const store = memoryStore(at(NOW))
    await write(store, 5010)
    assert.deepEqual((await sealNow(store)).added, {seals: 2, records: 5010})
    const seals = await sealsIn(store)
    assert.deepEqual(
      seals.map(({entries, size_after: size}) => [entries.length, size]),
      [
        [5000, 5000],
        [10, 5010],
      ],
    )
    // Only the last one knows that everything was searched.
    assert.deepEqual(
      seals.map(({swept}) => swept.all),
      ['1970-01-01T00:00:00.000Z', NOW],
    )
  })

  it('keeps what a version was locked by, and tells versions apart', async () => {
    const store = versionedMemoryStore({...at(NOW), lock: () => ({mode: 'COMPLIANCE', until: days(2557)})})
    const [record] = await write(store, 1)
    assert.ok(record !== undefined)
    await sealNow(store)
    store.force(record.key, record.bytes)
    const result = await sealNow(store)
    assert.deepEqual([result.findings.map(({code}) => code), result.exitCode], [['record.second-version'], 5])
    assert.deepEqual(
      (await sealsIn(store)).flatMap(({entries}) => entries.map(({version, fault, lock}) => [version, fault, lock?.mode])),
      [
        ['v000001', undefined, 'COMPLIANCE'],
        ['v000004', 'record.second-version', 'COMPLIANCE'],
      ],
    )
  })

  it('reads nothing that is sealed', async () => {
    const store = memoryStore(at(NOW))
    await write(store, 3)
    await sealNow(store)
    await write(store, 1, '2026-03-02T08:10:00.000Z')
    const read: string[] = []
    const result = await sealNow({...store, read: async (key, version) => (read.push(key), store.read(key, version))}, {all: true})
    assert.deepEqual([result.added.records, read.length], [1, 1])
  })

  it('gives a sign of life only where one is owed', async () => {
    const store = memoryStore(at(NOW))
    await write(store, 1)
    const options = {sealing: {heartbeat: '1d'}}
    await sealNow(store, options)
    assert.equal((await sealNow(store, {...options, now: days(0.9)})).seal, 1)
    const beat = await sealNow(store, {...options, now: days(1.1)})
    assert.deepEqual([beat.seal, beat.size, beat.added], [2, 1, {seals: 1, records: 0}])
    assert.equal((await sealNow(store, {now: days(9)})).seal, 2)
  })

  it('is refused where nothing says who signs, before anything is asked of the store', async () => {
    const context = sealingContext(memoryStore(), {sealing: {key: undefined}})
    await assert.rejects(sealEvidence({all: false}, context), {code: 'sealing.missing', exitCode: 2})
  })
})

describe('what a sealer searches', () => {
  it('finds the late at the next search of its days: recent ones at once, those of a month each day, older ones each week', async () => {
    const store = memoryStore(at(NOW))
    await write(store, 1)
    await sealNow(store)
    for (const [late, when, count] of [
      [-1, 0, 1],
      [300, 0, 1],
      [-20, 0, 0],
      [-20, 1, 2],
      [-200, 2, 0],
      [-200, 7, 2],
    ] as const) {
      await write(store, 1, days(late + when / 1000))
      assert.equal((await sealNow(store, {now: days(when)})).added.records, count, `${late} days, ${when} days later`)
    }
    assert.equal((await sealNow(store, {now: days(7), all: true})).added.records, 0)
  })

  it('finds what was left out by a sealer that was killed between two seals', async () => {
    const store = memoryStore(at(NOW))
    await write(store, 5001, days(-20))
    const dying = {...store, put: async (key: string, bytes: Uint8Array) => (key === sealKey(2) ? Promise.reject(new Error('killed')) : store.put(key, bytes))}
    await assert.rejects(sealNow(dying), /killed/)
    assert.equal((await sealNow(store)).added.records, 1)
  })

  it('is not misled by a clock that is a year ahead', async () => {
    const store = memoryStore(at(NOW))
    await write(store, 2)
    await sealNow(store, {now: days(365)})
    await write(store, 1, '2026-03-02T08:10:00.000Z')
    assert.deepEqual((await sealNow(store)).added.records, 1)
    assert.ok((await sealsIn(store)).every(({since}) => since < NOW))
  })

  it('tells what is gone, each time where its day is looked at, and seals what is new', async () => {
    const store = memoryStore(at(NOW))
    const [first] = await write(store, 3)
    await sealNow(store)
    store.objects.delete(first?.key ?? '')
    await write(store, 1, '2026-03-02T08:10:00.000Z')
    const result = await sealNow(store)
    assert.deepEqual([result.added.records, result.exitCode], [1, 5])
    assert.deepEqual(result.findings, [{code: 'record.deleted', key: first?.key, message: 'seal 1 has it, and it is not in the store'}])
    store.objects.clear()
  })

  it('sees by the search of everything that one went and another came late', async () => {
    const store = memoryStore(at(NOW))
    const [, second] = await write(store, 2)
    await sealNow(store)
    store.objects.delete(second?.key ?? '')
    await write(store, 1, '2026-03-02T07:00:00.000Z')
    const result = await sealNow(store, {all: true})
    assert.deepEqual([result.added.records, result.findings.map(({code}) => code)], [1, ['record.deleted']])
  })

  it('tells what a delete marker hides, and what is no record', async () => {
    const store = versionedMemoryStore(at(NOW))
    const [record] = await write(store, 1)
    store.hide(record?.key ?? '')
    await store.put('records/v1/gate/dt=2026-03-02/notes.txt', Buffer.from('x'))
    await store.put('records/other', Buffer.from('x'))
    const result = await sealNow(store)
    assert.equal(result.added.records, 1)
    assert.deepEqual(
      result.findings.map(({code}) => code),
      ['record.unknown-object', 'record.hidden', 'record.unknown-object'],
    )
  })

  it('does not read what is too large to be a record', async () => {
    const store = versionedMemoryStore(at(NOW))
    const [record] = await write(memoryStore(), 1)
    await store.put(record?.key ?? '', new Uint8Array(17 * 1024 * 1024))
    const result = await sealNow(store)
    assert.deepEqual([result.added.records, result.findings.map(({code}) => code)], [0, ['record.unknown-object']])
  })
})

describe('a store that does not say what it did', () => {
  it('is asked again; what was written is known by its bytes', async () => {
    const store = memoryStore(at(NOW))
    await write(store, 2)
    const losing = losingReplies(store)
    const result = await sealNow(losing)
    assert.deepEqual([result.seal, result.added, result.size], [1, {seals: 1, records: 2}, 2])
  })

  it('ends the work with 4 where it stays so; the next sealer goes on from what is there', async () => {
    const store = memoryStore(at(NOW))
    await write(store, 2)
    await assert.rejects(sealNow({...store, put: unreachable}), {code: 'store.unreachable', exitCode: 4})
    await assert.rejects(sealNow({...store, put: async (key, bytes) => (key.startsWith('log/checkpoint/') ? unreachable() : store.put(key, bytes))}), {
      code: 'store.unreachable',
    })
    assert.deepEqual([store.objects.has(sealKey(1)), store.objects.has(checkpointKey(1))], [true, false])
    const result = await sealNow(store)
    assert.deepEqual([result.seal, result.added.seals, store.objects.has(checkpointKey(1))], [1, 0, true])
  })

  it('is believed where it refuses', async () => {
    const store = memoryStore(at(NOW))
    await write(store, 1)
    let asked = 0
    const put = async () => {
      asked += 1
      throw new AppError('store.refused', 'this role may not write log/')
    }
    await assert.rejects(sealNow({...store, put}), {code: 'store.refused'})
    assert.equal(asked, 1)
  })
})

/** Every write is done, and none is told. */
function losingReplies(store: EvidenceStore): EvidenceStore {
  return {
    ...store,
    async put(key, bytes) {
      await store.put(key, bytes)
      return unreachable()
    },
  }
}

async function unreachable(): Promise<never> {
  throw new AppError('store.unreachable', 'the connection was cut')
}

async function sealsIn(store: EvidenceStore): Promise<Seal[]> {
  const seals: Seal[] = []
  for await (const {bytes, seal} of readLog(store)) seals.push(decodeSeal(bytes, sealKey(seal.n)).seal)
  return seals
}
