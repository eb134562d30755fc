import assert from 'node:assert/strict'
import {join} from 'node:path'
import {withLock} from '../../../src/lib/registry/lock.ts'
import {scratchFolder} from './settings.ts'

describe('withLock', () => {
  it('lets one in at a time', async () => {
    const path = join(scratchFolder(), 'lock')
    let inside = 0
    let most = 0
    await Promise.all(
      Array.from({length: 8}, () =>
        withLock(path, async () => {
          inside += 1
          most = Math.max(most, inside)
          await new Promise((resolve) => setImmediate(resolve))
          inside -= 1
        }),
      ),
    )
    assert.equal(most, 1)
  })

  it('is free again after a failure', async () => {
    const path = join(scratchFolder(), 'lock')
    await assert.rejects(
      withLock(path, () => Promise.reject(new Error('work'))),
      /work/,
    )
    assert.equal(await withLock(path, () => Promise.resolve('done')), 'done')
  })

  it('gives up on a lock that stays taken', async () => {
    const path = join(scratchFolder(), 'lock')
    await withLock(path, async () => {
      await assert.rejects(
        withLock(path, () => Promise.resolve(), 20),
        {code: 'store.conflict', message: /another process holds/},
      )
    })
  })

  it('says where no lock can be made', async () => {
    await assert.rejects(
      withLock(join(scratchFolder(), 'gone', 'lock'), () => Promise.resolve()),
      {code: 'store.conflict'},
    )
  })
})
