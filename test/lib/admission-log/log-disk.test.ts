/** A disk that is full, or reports errors: nothing that was refused is there, and what is there can still be shipped. */
import assert from 'node:assert/strict'
import type {FileHandle} from 'node:fs/promises'
import {join} from 'node:path'
import {writeAt} from '../../../src/lib/admission-log/durable.ts'
import {openAdmissionLog, type LogSeams} from '../../../src/lib/admission-log/open-log.ts'
import {blobOf, shipAway, waitingIn} from '../../fakes/evidence-objects.ts'
import {run} from '../../program.ts'
import {scratch} from '../../scratch.ts'

const BOUNDS = {bytes: 256 * 1024 * 1024, age: 3_600_000}

describe('the write-ahead log and its disk', () => {
  const folder = scratch()
  const path = () => join(folder(), 'wal')
  const open = (seams: Partial<LogSeams> = {}) => openAdmissionLog(path(), BOUNDS, {lockWait: 100, segmentBytes: 3000, ...seams})
  const full = () => Object.assign(new Error('no space'), {code: 'ENOSPC'})

  it('full at every single write: the call fails, half of it is cut off, and the next one goes on', async () => {
    const kept: string[] = []
    let broken = 0
    let failAt = 0
    let writes = 0
    const write = async (file: FileHandle, bytes: Uint8Array, position: number) => {
      writes += 1
      if (writes !== failAt) return writeAt(file, bytes, position)
      await writeAt(file, bytes.subarray(0, Math.floor(bytes.length / 2)), position)
      throw full()
    }
    const log = await open({write})
    for (let round = 0; round < 60; round++) {
      failAt = round % 3 === 0 ? writes + 1 + (round % 2) : 0
      const blob = blobOf(`blob ${round} ${'x'.repeat(round * 20)}`)
      try {
        await log.append([blobOf(`before ${round}`), blob])
        kept.push(blobOf(`before ${round}`).key, blob.key)
      } catch (error) {
        assert.ok(error instanceof Error && 'code' in error)
        assert.deepEqual([error.code, /no space left on the device/.test(error.message)], ['admission.log-unusable', true])
        broken += 1
      }
    }
    assert.ok(broken >= 10, `${broken} calls failed`)
    assert.deepEqual(await waitingIn(log), kept)
    await log.close()
    const again = await open()
    assert.deepEqual([await waitingIn(again), again.damaged], [kept, []])
    await again.close()
  })

  it('a flush that fails: the call fails, and what it wrote is not there', async () => {
    let fails = false
    const sync = async (file: FileHandle) => {
      if (fails) throw Object.assign(new Error('io'), {code: 'EIO'})
      await file.datasync()
    }
    const log = await open({sync})
    await log.append([blobOf('a')])
    fails = true
    const failed = await Promise.allSettled(['b', 'c', 'd'].map((text) => log.append([blobOf(text)])))
    assert.deepEqual(
      failed.map(({status}) => status),
      ['rejected', 'rejected', 'rejected'],
    )
    fails = false
    await log.append([blobOf('e')])
    await log.close()
    const again = await open()
    assert.deepEqual([await waitingIn(again), again.damaged], [[blobOf('a').key, blobOf('e').key], []])
    await again.close()
  })

  it('where the half of a call cannot be cut off again, nothing more is taken', async () => {
    const write = async (file: FileHandle, bytes: Uint8Array, position: number) => {
      if (position > 64) {
        await file.close()
        throw full()
      }
      await writeAt(file, bytes, position)
    }
    const log = await open({write})
    await log.append([blobOf('a')])
    for (const text of ['b', 'c']) await assert.rejects(log.append([blobOf(text)]), {code: 'admission.log-unusable'})
    assert.deepEqual(await waitingIn(log), [blobOf('a').key])
    await log.close()
  })

  it('with no room for a single byte it is opened, shipped and removed all the same', async () => {
    const log = await open()
    for (let index = 0; index < 10; index++) await log.append([blobOf(Buffer.alloc(900, index))])
    await log.close()
    const none = async () => Promise.reject(full())
    const again = await open({write: none})
    assert.equal((await waitingIn(again)).length, 10)
    await assert.rejects(again.append([blobOf('x')]), {code: 'admission.log-unusable'})
    await shipAway(again)
    assert.equal(again.state().objects, 0)
    await again.close()
  })

  it('a real limit on files: what the process acknowledged is there, and it says why it ends', async () => {
    const request = {folder: path(), count: 10_000, seed: 'limited', atOnce: 5, segmentBytes: 100_000_000}
    const {code, stdout, stderr} = await run('append-log', request, ['/bin/sh', '-c', 'ulimit -f 200; exec "$@"', 'sh'])
    assert.deepEqual([code, /^admission\.log-unusable cannot write .*the file would be larger than allowed/.test(stderr)], [4, true], stderr)
    const acknowledged = stdout
      .trim()
      .split('\n')
      .flatMap((line) => line.split(' '))
    const log = await open()
    assert.ok(acknowledged.length > 20)
    assert.deepEqual([await waitingIn(log), log.damaged], [acknowledged, []])
    await log.close()
  })
})
