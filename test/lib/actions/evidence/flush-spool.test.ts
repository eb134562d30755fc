import assert from 'node:assert/strict'
import {chmodSync, cpSync, mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {flushSpool} from '../../../../src/lib/actions/evidence/flush-spool.ts'
import {createRecorder, noRecorder} from '../../../../src/lib/actions/evidence/record-evidence.ts'
import {verifyEvidence} from '../../../../src/lib/actions/evidence/verify-evidence.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {blobKey, RECORDS} from '../../../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import {implicitRun} from '../../../../src/lib/stores/implicit-run.ts'
import {openSpool} from '../../../../src/lib/stores/spool.ts'
import {allOf} from '../../../all-of.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {recorderParts} from '../../../fakes/recorder-parts.ts'
import {accountedFor, spoolWorld, testRecord, type SpoolWorld} from '../../../fakes/spool-world.ts'
import {scratch} from '../../../scratch.ts'

describe('a flush', () => {
  const folder = scratch()
  let world: SpoolWorld
  beforeEach(() => {
    world = spoolWorld(folder())
  })

  const flush = async () => flushSpool({anyStore: false}, await world.flusher())
  const waiting = async () => allOf((await world.spool()).list(''))
  const verdict = async () => (await verifyEvidence({blobs: true}, quietContext({store: async () => world.store}))).findings

  /** Whatever is in the store came after all that it names. */
  const assertOrder = async () => {
    const place = new Map(world.arrived.map((key, index) => [key.replace(/^.*[/-]|\.json\.gz$/g, ''), index]))
    for (const {sha256, record} of await world.records())
      for (const named of [record.prevsha256, ...record.data.blobs.map((blob) => blob.sha256)].filter((digest) => digest !== undefined))
        assert.ok((place.get(named) ?? Infinity) < (place.get(sha256) ?? -1), `${sha256} came before ${named}`)
  }

  it('delivers everything byte for byte, in order, and accounts for it', async () => {
    const digests = await world.outage(['a', 'b', 'c'])
    const before = new Map(await Promise.all((await waiting()).map(async (key) => [key, await (await world.spool()).get(key)] as const)))
    const {records, blobs, deliveries, refused, exitCode} = await flush()
    assert.deepEqual([records, blobs, deliveries.length, refused, exitCode], [3, 3, 1, [], 0])
    for (const [key, bytes] of before) assert.deepEqual(Buffer.from(world.store.objects.get(key) ?? []), bytes)
    assert.deepEqual([await waiting(), await accountedFor(world), await verdict()], [[], digests, []])
    await assertOrder()
    const delivery = (await world.records()).find(({record}) => record.stream === 'delivery')?.record
    const own = (await world.records()).filter(({record}) => record.stream === 'test').map(({record}) => record.time)
    assert.deepEqual(delivery?.data.detail, {records: digests, blobs: 3, oldest: own.toSorted()[0], newest: own.toSorted().at(-1)})
  })

  it('of an empty spool, or of none that is there, is done, and writes nothing', async () => {
    const empty = {records: 0, blobs: 0, deliveries: [], refused: [], exitCode: 0}
    assert.deepEqual(await flush(), {spool: world.path, there: false, store: world.store.address, ...empty})
    await world.outage(['a'])
    await flush()
    const {size} = world.store.objects
    assert.deepEqual(await flush(), {spool: world.path, there: true, store: world.store.address, ...empty})
    assert.equal(world.store.objects.size, size)
  })

  it('broken off at every single call, before or after its effect, is finished by the next one', async () => {
    let ran = 0
    for (const after of [false, true])
      for (let at = 1; ; at++) {
        rmSync(world.path, {recursive: true, force: true})
        world = spoolWorld(folder())
        const digests = await world.outage(['a', 'b', 'c'])
        const fault = {at, after, calls: 0}
        try {
          await flushSpool({anyStore: false}, await world.flusher(fault))
        } catch (error) {
          assert.ok(error instanceof AppError && error.code === 'bug', String(error))
        }
        if (fault.calls < at) break
        ran += 1
        await assertOrder()
        assert.equal((await flush()).exitCode, 0)
        assert.deepEqual([await waiting(), await verdict()], [[], []], `call ${at}`)
        assert.deepEqual(new Set(await accountedFor(world)), new Set(digests), `call ${at}`)
        await assertOrder()
      }
    assert.ok(ran > 40, `${ran} calls were broken`)
  })

  it('is not alone: two at once deliver all, and both may account for it', async () => {
    const digests = await world.outage(Array.from({length: 40}, (_, index) => `test ${index}`))
    const results = await Promise.all([flush(), flush(), flush()])
    assert.deepEqual(
      results.map(({exitCode}) => exitCode),
      [0, 0, 0],
    )
    assert.deepEqual([await waiting(), await verdict(), new Set(await accountedFor(world))], [[], [], new Set(digests)])
    await assertOrder()
  })

  it('takes at most 500 digests into one delivery record', async () => {
    const held = memoryStore()
    const names = Array.from({length: 501}, (_, index) => `test ${index}`)
    const position = implicitRun('01JGFJJZ00ABCDEFGHJKMNPQRS', 'main')
    const written = await createRecorder({...recorderParts({store: held}), position}).writeAll(names.map(testRecord))
    const context = await world.flusher()
    const waitsFor = async () => world.store.address
    const spool = {path: '/spool', waitsFor, list: held.list, get: held.get, put: held.put, remove: async (key: string) => void held.objects.delete(key)}
    const {records, deliveries} = await flushSpool({anyStore: false}, {...context, spool: async () => spool})
    assert.deepEqual([records, deliveries.length, held.objects.size], [501, 2, 0])
    assert.deepEqual(
      await accountedFor(world),
      written.map(({sha256}) => sha256),
    )
    await assertOrder()
  })

  it('takes what came meanwhile, and no record without the one before it', async () => {
    const position = implicitRun('01JGFJJZ00ABCDEFGHJKMNPQRS', 'main')
    await world.outage(['a'], position)
    const context = await world.flusher()
    const spool = await world.spool()
    let looks = 0
    const busy = {
      ...spool,
      // Another process writes between the two looks of the first survey.
      async *list(prefix: string) {
        looks += 1
        if (looks === 2) await world.outage(['b', 'c'], position)
        yield* spool.list(prefix)
      },
    }
    const {records, exitCode} = await flushSpool({anyStore: false}, {...context, spool: async () => busy})
    assert.deepEqual([records, exitCode, await waiting(), await verdict()], [3, 0, [], []])
    await assertOrder()
  })

  it('keeps the chain where a clock was set back', async () => {
    const position = implicitRun('01JGFJJZ00ABCDEFGHJKMNPQRS', 'main')
    await world.outage(['late'], position)
    // Another process of the run, on a machine whose clock is slow: its ULIDs are smaller.
    const spool = await world.spool()
    let ids = 0
    const slow = recorderParts({
      store: {...world.store, put: async (key, bytes) => spool.put(key, bytes)},
      newId: () => `01JGFJJZ00${String((ids += 1)).padStart(16, '0')}`,
    })
    await createRecorder({...slow, position}).writeAll(['x', 'y'].map(testRecord))
    await flush()
    assert.deepEqual([await waiting(), await verdict()], [[], []])
    await assertOrder()
  })

  it('delivers a spool that another job handed over as files', async () => {
    const digests = await world.outage(['a', 'b'])
    const copy = join(folder(), 'artifact')
    cpSync(world.path, copy, {recursive: true, filter: (source) => !/(^|\/)(tmp|\.[^/]*)$/.test(source)})
    const context = await world.flusher()
    const result = await flushSpool({anyStore: false}, {...context, spool: async () => openSpool(copy, world.store.address)})
    assert.deepEqual([result.records, result.exitCode, await verdict(), await accountedFor(world)], [2, 0, [], digests])
  })

  describe('refuses', () => {
    /** As somebody with all rights on the folder. */
    const overwrite = (key: string, text: string) => {
      chmodSync(join(world.path, key), 0o600)
      writeFileSync(join(world.path, key), text)
    }

    it('what is damaged or foreign by its name, and delivers the rest', async () => {
      await world.outage(['a', 'b', 'c'])
      const keys = (await waiting()).filter((key) => key.startsWith(RECORDS))
      const [damaged = '', moved = ''] = keys
      overwrite(damaged, 'tampered')
      const elsewhere = moved.replace('/test/', '/gate/')
      mkdirSync(dirname(join(world.path, elsewhere)), {recursive: true})
      cpSync(join(world.path, moved), join(world.path, elsewhere))
      mkdirSync(join(world.path, 'notes'))
      writeFileSync(join(world.path, 'notes', 'todo.md'), '')
      const {records, refused, exitCode} = await flush()
      assert.deepEqual([records, exitCode], [2, 5])
      assert.deepEqual(
        refused.map(({code, key}) => [code, key]).toSorted(),
        [
          ['record.altered', damaged],
          ['record.misplaced', elsewhere],
          ['record.unknown-object', 'notes/todo.md'],
        ].toSorted(),
      )
      assert.deepEqual(await waiting(), [damaged, elsewhere, 'notes/todo.md'].toSorted())
      assert.deepEqual([(await flush()).exitCode, (await flush()).records], [5, 0])
    })

    it('a damaged blob, and what names it', async () => {
      await world.outage(['a', 'b'])
      const blob = blobKey(sha256Hex('log of a'))
      overwrite(blob, 'log of b')
      const {records, blobs, refused, exitCode} = await flush()
      assert.deepEqual([records, blobs, exitCode], [1, 1, 5])
      assert.deepEqual(
        refused.map(({code, key}) => [code, key.startsWith(RECORDS)]),
        [
          ['blob.altered', false],
          ['blob.altered', true],
        ],
      )
      rmSync(join(world.path, blob))
      assert.deepEqual([(await flush()).exitCode, await waiting()], [0, []], 'once the blob is given up')
    })

    it('a gz bomb', async () => {
      const bomb = gzipSync(Buffer.alloc(50_000_000))
      const key = `records/v1/test/dt=2025-01-01/01JGFJJZ00ABCDEFGHJKMNPQRS-${sha256Hex(bomb)}.json.gz`
      await (await world.spool()).put(key, bomb)
      const {refused, exitCode} = await flush()
      assert.deepEqual([refused.map(({code}) => code), exitCode], [['record.invalid'], 5])
    })

    it('to deliver to another store than the one that it is for, unless that is named by hand', async () => {
      await world.outage(['a'])
      const context = await world.flusher()
      const other = {...context, store: async () => ({...world.store, address: 'folder:/other'})}
      await assert.rejects(flushSpool({anyStore: false}, other), (error: AppError) => {
        assert.equal(error.code, 'spool.unusable')
        assert.equal(error.message, `what waits in ${world.path} is for folder:/memory/evidence, and not for folder:/other`)
        return true
      })
      assert.deepEqual([(await waiting()).length, world.store.objects.size], [2, 0])
      assert.equal((await flushSpool({anyStore: true}, other)).exitCode, 0)
      assert.equal((await flushSpool({anyStore: false}, other)).exitCode, 0, 'nothing waits')
    })

    it('to deliver what is for a store that nobody can tell, unless it is named by hand', async () => {
      await world.outage(['a'])
      writeFileSync(join(world.path, 'spool.txt'), '')
      await assert.rejects(flush(), {code: 'spool.unusable', message: /is for a store that its spool.txt does not name/})
      assert.deepEqual([(await waiting()).length, world.store.objects.size], [2, 0])
      assert.equal((await flushSpool({anyStore: true}, await world.flusher())).exitCode, 0)
    })

    it('to be run where nothing is named, and under --no-record', async () => {
      await assert.rejects(flushSpool({anyStore: false}, quietContext({store: async () => world.store, recorder: async () => noRecorder})), {
        code: 'usage.flag',
      })
      const context = quietContext({store: async () => world.store, spool: world.spool, recorder: async () => noRecorder})
      await assert.rejects(flushSpool({anyStore: false}, context), {code: 'usage.flag'})
    })
  })

  it('in an outage says what it did, and a fault in the evidence is not hidden by it', async () => {
    await world.outage(['a', 'b'])
    const down = async (left: number) => {
      const context = await world.flusher()
      const put = async (key: string, bytes: Uint8Array) => {
        left -= 1
        if (left < 0) throw new AppError('store.unreachable', 'the store does not answer')
        return world.store.put(key, bytes)
      }
      return flushSpool({anyStore: false}, {...context, store: async () => ({...world.store, put})})
    }
    const first = await down(3)
    assert.deepEqual([first.fault?.code, first.records, first.blobs, first.exitCode], ['store.unreachable', 0, 2, 4])
    writeFileSync(join(world.path, 'foreign'), '')
    assert.equal((await down(0)).exitCode, 5)
    rmSync(join(world.path, 'foreign'))
    assert.deepEqual([(await flush()).exitCode, await waiting(), await verdict()], [0, [], []])
  })
})
