import assert from 'node:assert/strict'
import {inOrder} from '../../../src/lib/actions/in-order.ts'

describe('work in order', () => {
  it('gives results as its items came in, some at a time', async () => {
    let [running, most] = [0, 0]
    const work = async (item: number) => {
      running += 1
      most = Math.max(most, running)
      // The first ones are done last.
      for (let turn = 0; turn < 20 - item; turn += 1) await Promise.resolve()
      running -= 1
      return item * 10
    }
    const items = Array.from({length: 12}, (_, index) => index)
    assert.deepEqual(
      await Array.fromAsync(inOrder(items, 3, work)),
      items.map((item) => item * 10),
    )
    assert.equal(most, 3)
    assert.deepEqual(await Array.fromAsync(inOrder([], 3, work)), [])
  })

  it('gives an error in its turn, and leaves none unheard', async () => {
    const seen: number[] = []
    const work = async (item: number) => {
      if (item > 0) throw new Error(`no ${item}`)
      return item
    }
    await assert.rejects(async () => {
      for await (const one of inOrder([0, 1, 2, 3], 4, work)) seen.push(one)
    }, /no 1/)
    assert.deepEqual(seen, [0])
  })
})
