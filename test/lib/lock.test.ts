import assert from 'node:assert/strict'
import {once} from 'node:events'
import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {withLock} from '../../src/lib/lock.ts'
import {ended, run, spoke, start} from '../program.ts'
import {scratch} from '../scratch.ts'

describe('the lock', () => {
  const folder = scratch()
  const path = () => join(folder(), 'run.json.lock')

  it('gives back what the work gives, and goes', async () => {
    assert.equal(await withLock(path(), async () => 7), 7)
    assert.equal(await withLock(path(), async () => 8), 8)
    assert.equal(existsSync(`${path()}.holder`), false)
  })

  it('goes when the work fails', async () => {
    await assert.rejects(
      withLock(path(), async () => {
        throw new RangeError('the work')
      }),
      RangeError,
    )
    assert.equal(await withLock(path(), async () => 8), 8)
  })

  it('keeps apart what one process does at once', async () => {
    let inside = 0
    const work = async () => {
      assert.equal(++inside, 1)
      await new Promise(setImmediate)
      inside -= 1
    }
    await Promise.all(Array.from({length: 20}, () => withLock(path(), work)))
  })

  it('keeps processes apart', async () => {
    const counter = join(folder(), 'counter')
    writeFileSync(counter, '0')
    const results = await Promise.all(Array.from({length: 6}, () => run('count-under-lock', {path: path(), counter, times: 50})))
    assert.deepEqual(
      results,
      Array.from({length: 6}, () => ({code: 0, signal: null, stdout: 'ready\n', stderr: ''})),
    )
    assert.equal(readFileSync(counter, 'utf8'), '300')
  }).timeout(60_000)

  it('ends with a holder that was killed, for one of many who wait', async () => {
    for (let round = 0; round < 3; round++) {
      const holder = start('hold-lock', {path: path()})
      await spoke(holder)
      const counter = join(folder(), 'counter')
      writeFileSync(counter, '0')
      const waiting = [1, 2, 3].map(() => start('count-under-lock', {path: path(), counter, times: 10}))
      await Promise.all(waiting.map(spoke))
      const ends = waiting.map(ended)
      assert.equal(readFileSync(counter, 'utf8'), '0')
      holder.kill('SIGKILL')
      await once(holder, 'close')
      assert.deepEqual(
        (await Promise.all(ends)).map(({code, stderr}) => ({code, stderr})),
        Array.from({length: 3}, () => ({code: 0, stderr: ''})),
      )
      assert.equal(readFileSync(counter, 'utf8'), '30')
    }
  }).timeout(60_000)

  it('is not waited for without end, and names the holder', async () => {
    const holder = start('hold-lock', {path: path()})
    await spoke(holder)
    try {
      await assert.rejects(
        withLock(path(), async () => 1, {wait: 100}),
        (error: Error & {code: string}) => {
          assert.equal(error.code, 'store.conflict')
          assert.match(error.message, new RegExp(`run.json.lock is held by process ${holder.pid} on `))
          return true
        },
      )
    } finally {
      holder.kill('SIGKILL')
      await once(holder, 'close')
    }
    assert.equal(await withLock(path(), async () => 1, {wait: 100}), 1)
  })

  it('says so where it cannot be made', async () => {
    await assert.rejects(
      withLock(join(folder(), 'no', 'such', 'folder.lock'), async () => 1),
      {code: 'store.unreachable'},
    )
    await assert.rejects(
      withLock(join(folder(), 'no', 'such', 'folder.lock'), async () => 1, {fault: 'layout.not-written'}),
      {code: 'layout.not-written'},
    )
    writeFileSync(path(), 'this is no lock file, and somebody may need it')
    await assert.rejects(
      withLock(path(), async () => 1),
      {code: 'store.unreachable'},
    )
  })
})
