import assert from 'node:assert/strict'
import {monotonicFactory} from 'ulid'
import {randomFractions} from '../../../src/lib/cli/random-fractions.ts'

describe('randomFractions', () => {
  it('gives every 256th from 0 to below 1, and nothing else, also beyond what was fetched at once', () => {
    const next = randomFractions()
    const seen = new Set(Array.from({length: 20_000}, next))
    assert.deepEqual(
      [...seen].toSorted((a, b) => a - b),
      Array.from({length: 256}, (_, at) => at / 256),
    )
  })

  it('makes ids that no other process makes, which are in order', () => {
    const [one, other] = [monotonicFactory(randomFractions()), monotonicFactory(randomFractions())]
    const ids = Array.from({length: 1_000}, (_, at) => one(1_700_000_000_000 + at))
    const others = Array.from({length: 1_000}, (_, at) => other(1_700_000_000_000 + at))
    assert.equal(new Set([...ids, ...others]).size, 2_000)
    assert.deepEqual(ids, ids.toSorted())
  })
})
