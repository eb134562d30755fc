import assert from 'node:assert/strict'
import {setImmediate as turn} from 'node:timers/promises'
import {atMost} from '../../../src/lib/stores/at-most.ts'

describe('atMost', () => {
  it('lets so much go on at the same time and no more, in the order in which it came, also where some of it fails', async () => {
    const limited = atMost(2)
    const began: number[] = []
    let [going, most] = [0, 0]
    const work = async (nth: number) => {
      began.push(nth)
      going += 1
      most = Math.max(most, going)
      await turn()
      going -= 1
      if (nth % 3 === 0) throw new Error(`no ${nth}`)
      return nth
    }
    const numbers = Array.from({length: 20}, (_, nth) => nth)
    const ended = await Promise.allSettled(numbers.map(async (nth) => limited(async () => work(nth))))
    assert.deepEqual([most, began], [2, numbers])
    assert.deepEqual(
      ended.map((one) => (one.status === 'fulfilled' ? one.value : 'failed')),
      numbers.map((nth) => (nth % 3 === 0 ? 'failed' : nth)),
    )
    // Whoever comes later finds all places free again.
    assert.deepEqual(await Promise.all([limited(async () => work(1)), limited(async () => work(2))]), [1, 2])
    assert.equal(most, 2)
  })
})
