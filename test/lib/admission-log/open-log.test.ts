import assert from 'node:assert/strict'
import {readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {openAdmissionLog, type LogSeams} from '../../../src/lib/admission-log/open-log.ts'
import {blobKey, parseRecordKey} from '../../../src/lib/evidence/key.ts'
import type {AdmissionLog, AdmissionLogBounds, LoggedObject} from '../../../src/lib/ports/admission-log.ts'
import {blobOf, recordsOf, shipAway, waitingIn} from '../../fakes/evidence-objects.ts'
import {ended, run, spoke, start} from '../../program.ts'
import {scratch} from '../../scratch.ts'

const BOUNDS = {bytes: 256 * 1024 * 1024, age: 3_600_000}

describe('the write-ahead log', () => {
  const folder = scratch()
  const path = () => join(folder(), 'volume', 'wal')
  const opened: AdmissionLog[] = []
  const open = async (seams: Partial<LogSeams> = {}, bounds: AdmissionLogBounds = BOUNDS) => {
    const log = await openAdmissionLog(path(), bounds, seams)
    opened.push(log)
    return log
  }
  const segments = () => readdirSync(path()).filter((name) => name.endsWith('.wal'))
  afterEach(async () => {
    for (const log of opened.splice(0)) await log.close()
  })

  it('gives back what was appended, in its order, also after it was closed', async () => {
    const objects = [blobOf('policy'), ...(await recordsOf(['a', 'b'])), blobOf(''), blobOf(Buffer.alloc(100_000, 7))]
    const log = await open()
    assert.deepEqual([await waitingIn(log), log.state()], [[], {bytes: 0, objects: 0}])
    for (const object of objects) await log.append([object])
    await log.close()
    const again = await open()
    const found: LoggedObject[] = []
    for await (const object of again.waiting()) found.push(object)
    assert.deepEqual(
      found.map(({key, bytes}) => [key, Buffer.from(bytes)]),
      objects.map(({key, bytes}) => [key, Buffer.from(bytes)]),
    )
    assert.deepEqual([again.damaged, again.state().objects], [[], 5])
  })

  it('lets callers that wait at the same time share one flush', async () => {
    let syncs = 0
    const log = await open({
      sync: async (file) => {
        syncs += 1
        await file.datasync()
      },
    })
    await log.append([blobOf('first')])
    const before = syncs
    const blobs = Array.from({length: 50}, (_, index) => blobOf(`blob ${index}`))
    await Promise.all(blobs.map((blob) => log.append([blob])))
    assert.equal(syncs - before, 1)
    assert.deepEqual(
      (await waitingIn(log)).slice(1),
      blobs.map(({key}) => key),
    )
  })

  it('remembers what was shipped, and removes segments of which nothing is needed any more', async () => {
    const log = await open({segmentBytes: 2000})
    const blobs = Array.from({length: 20}, (_, index) => blobOf(Buffer.alloc(900, index)))
    for (const blob of blobs) await log.append([blob])
    const before = segments()
    assert.ok(before.length > 5, `${before.length} segments`)
    let count = 0
    for await (const object of log.waiting()) if ((count += 1) === 11) await log.shipped(object)
    assert.deepEqual([(await waitingIn(log)).length, log.state().objects], [9, 9])
    assert.ok(segments().length < before.length)
    await log.close()
    const again = await open({segmentBytes: 2000})
    assert.deepEqual([await waitingIn(again), again.damaged], [blobs.slice(11).map(({key}) => key), []])
    await shipAway(again)
    assert.deepEqual([again.state(), segments().length], [{bytes: 0, objects: 0}, 1])
    await again.close()
    const last = await open()
    assert.deepEqual([await waitingIn(last), last.damaged], [[], []])
  })

  it('keeps the newest record, and the name of the run, for the next boot', async () => {
    const [, record] = await recordsOf(['a', 'b'])
    const log = await open({segmentBytes: 500})
    assert.deepEqual([await log.newestRecord(), log.run], [undefined, undefined])
    await log.append([record ?? assert.fail()])
    for (let index = 0; index < 10; index++) await log.append([blobOf(Buffer.alloc(600, index))])
    await log.keepRun('01JGFJJZ00ABCDEFGHJKMNPQRS')
    await shipAway(log)
    await log.close()
    const again = await open()
    assert.deepEqual([(await again.newestRecord())?.key, again.run, again.state().objects], [record?.key, '01JGFJJZ00ABCDEFGHJKMNPQRS', 0])
  })

  it('gives what comes while it is read, and nothing twice', async () => {
    const log = await open()
    await log.append([blobOf('0')])
    const keys: string[] = []
    for await (const object of log.waiting()) {
      keys.push(object.key)
      if (keys.length < 5) await log.append([blobOf(String(keys.length))])
      if (keys.length % 2 === 0) await log.shipped(object)
    }
    assert.deepEqual(
      keys,
      ['0', '1', '2', '3', '4'].map((text) => blobOf(text).key),
    )
  })

  it('takes nothing but evidence under its own name', async () => {
    const log = await open()
    const [record] = await recordsOf(['a'])
    const {key = '', bytes = new Uint8Array()} = record ?? {}
    for (const object of [
      {key: 'notes/todo.md', bytes: new Uint8Array()},
      {key: '../../etc/passwd', bytes: new Uint8Array()},
      {key: `log/seal/${'1'.padStart(12, '0')}.json.gz`, bytes: new Uint8Array()},
      {key: blobKey('0'.repeat(64)), bytes: Buffer.from('x')},
      {key, bytes: Buffer.from('x')},
      {key: key.replace(/dt=[^/]*/, 'dt=2020-01-01'), bytes},
    ])
      await assert.rejects(log.append([blobOf('sound'), object]), {code: 'bug'}, object.key)
    assert.deepEqual(await waitingIn(log), [])
    assert.ok(parseRecordKey(key))
    await assert.rejects(log.shipped(blobOf('never seen')), {code: 'bug'})
  })

  it('refuses beyond its bounds, and takes again when there is room', async () => {
    let now = new Date('2026-03-01T08:00:00Z')
    const log = await open({now: () => now}, {bytes: 3000, age: 60_000})
    await log.append([blobOf(Buffer.alloc(1500, 1))])
    await assert.rejects(log.append([blobOf(Buffer.alloc(1500, 2))]), {code: 'admission.log-full'})
    await log.append([blobOf('small')])
    assert.deepEqual(log.state().oldest, now)
    now = new Date('2026-03-01T08:01:00.001Z')
    await assert.rejects(log.append([blobOf('late')]), {code: 'admission.log-full', message: /since 2026-03-01T08:00:00.000Z/})
    await shipAway(log)
    await log.append([blobOf('late')])
    assert.deepEqual(await waitingIn(log), [blobOf('late').key])
    // A clock that was set back is no reason to refuse.
    now = new Date('2020-01-01T00:00:00Z')
    await log.append([blobOf('back')])
    assert.equal(log.state().objects, 2)
  })

  it('is open in one process at a time', async () => {
    const holder = start('append-log', {folder: path(), count: 1_000_000, seed: 'holder'})
    const end = ended(holder)
    await spoke(holder)
    await assert.rejects(open({lockWait: 100}), {code: 'admission.log-unusable', message: new RegExp(`is held by process ${holder.pid} on `)})
    const second = await run('append-log', {folder: path(), count: 1, seed: 'second', lockWait: 100})
    assert.deepEqual([second.code, second.stdout], [4, ''])
    holder.kill('SIGKILL')
    await end
    const log = await open()
    assert.ok(log.state().objects > 0)
    await assert.rejects(openAdmissionLog(path(), BOUNDS, {lockWait: 50}), {code: 'admission.log-unusable'})
    await log.close()
    await log.close()
    await assert.rejects(log.append([blobOf('x')]), {code: 'admission.log-unusable'})
  })

  it('says so where it cannot be', async () => {
    writeFileSync(join(folder(), 'volume'), '')
    await assert.rejects(open(), {code: 'admission.log-unusable', message: /a file lies where a folder should be|ENOTDIR|EEXIST/})
  })
})
