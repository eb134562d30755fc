/** What is not what was written: it is told, kept, and nothing of it comes out; all else does. */
import assert from 'node:assert/strict'
import {cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs'
import type {FileHandle} from 'node:fs/promises'
import {join} from 'node:path'
import {writeAt} from '../../../src/lib/admission-log/durable.ts'
import {openAdmissionLog} from '../../../src/lib/admission-log/open-log.ts'
import {blobOf, shipAway, waitingIn} from '../../fakes/evidence-objects.ts'
import {scratch} from '../../scratch.ts'

const BOUNDS = {bytes: 256 * 1024 * 1024, age: 3_600_000}

describe('the write-ahead log and damage', () => {
  const folder = scratch()
  const path = () => join(folder(), 'wal')
  const open = () => openAdmissionLog(path(), BOUNDS, {segmentBytes: 4000, lockWait: 100})
  const names = () => readdirSync(path()).filter((name) => name.endsWith('.wal'))
  const blobs = Array.from({length: 24}, (_, index) => blobOf(Buffer.alloc(300 + index * 31, index)))
  const keys = blobs.map(({key}) => key)

  beforeEach(async () => {
    const log = await open()
    for (const blob of blobs) await log.append([blob])
    await log.close()
    assert.ok(names().length > 2)
  })

  /** What is there now, and what was set aside; and it stays so. */
  const reopened = async () => {
    const log = await open()
    const found = {keys: await waitingIn(log), damaged: log.damaged}
    await log.append([blobOf('goes on')])
    await log.close()
    const again = await open()
    assert.deepEqual([await waitingIn(again), again.damaged], [[...found.keys, blobOf('goes on').key], []])
    await again.close()
    return found
  }

  it('a flipped bit anywhere: it is kept aside as it was, at most what lies there is missing, and the rest is in order', async () => {
    const pristine = join(folder(), 'pristine')
    cpSync(path(), pristine, {recursive: true})
    for (let round = 0; round < 60; round++) {
      rmSync(path(), {recursive: true})
      cpSync(pristine, path(), {recursive: true})
      const name = names()[round % names().length] ?? assert.fail()
      const bytes = readFileSync(join(path(), name))
      const at = Math.floor(Math.random() * bytes.length)
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << Math.floor(Math.random() * 8)), at)
      writeFileSync(join(path(), name), bytes)
      const {keys: found, damaged} = await reopened()
      const where = `byte ${at} of ${name}`
      assert.equal(damaged.length, 1, where)
      assert.deepEqual(readFileSync(damaged[0] ?? ''), bytes, where)
      const missing = keys.filter((key) => !found.includes(key))
      assert.deepEqual(
        found,
        keys.filter((key) => !missing.includes(key)),
        where,
      )
      // The header of a segment takes all of it along: nothing in it can be told from something else.
      assert.ok(missing.length <= (at < 64 ? 12 : 1), `${missing.length} are missing: ${where}`)
    }
  }).timeout(120_000)

  it('a segment that has gone, or was cut short, or holds a piece of another', async () => {
    const [first = '', second = '', third = ''] = names()
    rmSync(join(path(), second))
    truncateSync(join(path(), third), 500)
    const {keys: found, damaged} = await reopened()
    assert.deepEqual([damaged[0], damaged.length], [join(path(), second), 2])
    assert.match(damaged[1] ?? '', /\/damaged\/000000000003\.wal-[0-9a-f]{12}$/)
    assert.ok(found.length >= 6 && found.length < keys.length)
    const [one, two] = [first, names()[1] ?? ''].map((name) => readFileSync(join(path(), name)))
    writeFileSync(join(path(), first), Buffer.concat([one?.subarray(0, 700) ?? Buffer.alloc(0), two ?? Buffer.alloc(0), one?.subarray(700) ?? Buffer.alloc(0)]))
    assert.equal((await reopened()).damaged.length, 1)
  })

  it('a segment under the name of another, and a frame that is there twice', async () => {
    const [first = '', second = ''] = names()
    const before = readFileSync(join(path(), first))
    cpSync(join(path(), second), join(path(), first))
    const {keys: found, damaged} = await reopened()
    assert.equal(damaged.length, 1)
    assert.equal(new Set(found).size, found.length)
    // All of its frames, once more behind them.
    const bytes = readFileSync(join(path(), second))
    writeFileSync(join(path(), second), Buffer.concat([bytes, bytes.subarray(64)]))
    const twice = await reopened()
    assert.deepEqual([twice.damaged.length, new Set(twice.keys).size], [1, twice.keys.length])
    assert.notDeepEqual(before, bytes)
  })

  it('an end that was shipped and is cut off is no torn end', async () => {
    const log = await open()
    await shipAway(log)
    await log.close()
    const newest = names().at(-1) ?? ''
    truncateSync(join(path(), newest), 200)
    const {damaged} = await reopened()
    assert.equal(damaged.length, 1)
  })

  it('cut off anywhere, the newest segment is torn: only what was cut is missing', async () => {
    const newest = join(path(), names().at(-1) ?? '')
    const bytes = readFileSync(newest)
    const log = await open()
    const before = await waitingIn(log)
    await log.close()
    for (let length = 64; length < bytes.length; length += 97) {
      writeFileSync(newest, bytes.subarray(0, length))
      const again = await open()
      const found = await waitingIn(again)
      assert.deepEqual([found, again.damaged], [before.slice(0, found.length), []])
      assert.ok(found.length < before.length)
      await again.close()
    }
  })

  it('a newest segment whose making was interrupted leaves nothing', async () => {
    const write = async (file: FileHandle, bytes: Uint8Array, position: number) => {
      if (position === 0) throw Object.assign(new Error('no space'), {code: 'ENOSPC'})
      await writeAt(file, bytes, position)
    }
    const log = await openAdmissionLog(path(), BOUNDS, {write})
    await assert.rejects(log.append([blobOf('x')]), {code: 'admission.log-unusable'})
    await log.close()
    const next = join(path(), `${String(names().length + 1).padStart(12, '0')}.wal`)
    for (const length of [0, 1, 40, 63]) {
      writeFileSync(next, Buffer.alloc(length, 'HCIWAL1\n'))
      const again = await open()
      assert.deepEqual([await waitingIn(again), again.damaged, existsSync(next)], [keys, [], false], `${length} bytes`)
      await again.close()
    }
    writeFileSync(next, '')
    assert.deepEqual((await reopened()).damaged, [])
  })

  it('the cursor: all is shipped once more', async () => {
    const log = await open()
    for await (const object of log.waiting()) if (object.key === keys[20]) await log.shipped(object)
    await log.close()
    writeFileSync(join(path(), 'cursor'), 'not what was written')
    const again = await open()
    assert.deepEqual([again.damaged.length, (await waitingIn(again)).at(-1)], [1, keys.at(-1)])
    assert.ok(again.state().objects > 3)
    await again.close()
    rmSync(join(path(), 'cursor'))
    const last = await open()
    assert.deepEqual(last.damaged, [join(path(), 'cursor')])
    await last.close()
  })

  it('one slot of the cursor is as good as two, and the older one only ships again', async () => {
    const log = await open()
    let count = 0
    for await (const object of log.waiting()) if ((count += 1) <= 10) await log.shipped(object)
    await log.close()
    const bytes = readFileSync(join(path(), 'cursor'))
    for (const slot of [0, 512]) {
      const torn = Buffer.from(bytes)
      torn.fill(0, slot + 100, slot + 200)
      writeFileSync(join(path(), 'cursor'), torn)
      const again = await open()
      assert.deepEqual(again.damaged, [])
      const {objects} = again.state()
      assert.ok(objects === 14 || objects === 15, `${objects} wait`)
      await again.close()
    }
  })

  it('what is no part of a log is set aside, links and folders too; what a volume brings along is not', async () => {
    for (const name of ['lost+found', 'folder']) mkdirSync(join(path(), name))
    writeFileSync(join(path(), 'notes.md'), 'foreign')
    symlinkSync('/etc/passwd', join(path(), '000000000099.wal'))
    const {keys: found, damaged} = await reopened()
    assert.deepEqual([found, damaged.length], [keys, 3])
    assert.ok(existsSync(join(path(), 'lost+found')))
    assert.equal(readFileSync(damaged.find((one) => one.includes('notes.md')) ?? '', 'utf8'), 'foreign')
    assert.deepEqual(
      readdirSync(path()).filter((name) => ['folder', 'notes.md', '000000000099.wal'].includes(name)),
      [],
    )
  })

  it('that comes while it is open is found when it is read, kept aside, and keeps nothing else back', async () => {
    const log = await open()
    const newest = join(path(), names()[0] ?? '')
    const bytes = readFileSync(newest)
    bytes.writeUInt8(bytes.readUInt8(200) ^ 1, 200)
    writeFileSync(newest, bytes)
    assert.deepEqual(await waitingIn(log), keys.slice(1))
    assert.deepEqual([log.damaged.length, log.state().objects], [1, keys.length - 1])
    assert.deepEqual(await waitingIn(log), keys.slice(1))
    await shipAway(log)
    assert.deepEqual([log.damaged.length, log.state()], [1, {bytes: 0, objects: 0}])
    assert.deepEqual(readFileSync(log.damaged[0] ?? ''), bytes)
    await log.close()
  })

  it('a folder that cannot be read is no empty log', async () => {
    renameSync(path(), join(folder(), 'elsewhere'))
    writeFileSync(path(), '')
    await assert.rejects(open(), {code: 'admission.log-unusable'})
  })
})
