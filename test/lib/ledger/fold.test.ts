import assert from 'node:assert/strict'
import fc from 'fast-check'
import {foldSeal, isFault, stateAfter, START, type LogState} from '../../../src/lib/ledger/fold.ts'
import type {Seal, StoredSeal} from '../../../src/lib/ledger/seal.ts'
import {EvidenceWriter} from '../../fakes/evidence-writer.ts'
import {leafFrom, logOf, ORIGIN, sealAfter} from './log.ts'

const ZERO = '0'.repeat(64)

describe('folding the log', () => {
  it('goes from seal to seal, and arrives where each seal says', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), {minLength: 1, maxLength: 6}), (sizes) => {
        const seals = logOf(sizes)
        const end = seals.reduce((state, stored) => folded(state, stored), START)
        const [last] = seals.slice(-1)
        assert.ok(last !== undefined)
        assert.deepEqual(end, stateAfter(last))
        assert.equal(
          end.tree.size,
          sizes.reduce((a, b) => a + b),
        )
      }),
      {numRuns: 30},
    )
  })

  it('hands out each leaf with its place in the log', () => {
    const places: number[] = []
    logOf([2, 3]).reduce((state, stored) => folded(state, stored, (_, __, index) => places.push(index)), START)
    assert.deepEqual(places, [0, 1, 2, 3, 4])
  })

  const [first, second, third] = logOf([2, 3, 1])
  assert.ok(first !== undefined && second !== undefined && third !== undefined)
  const state = folded(START, first)
  const writer = new EvidenceWriter({put: async () => 'written'}, '2026-03-02T09:00:00.000Z')
  const leaves = [leafFrom(writer), leafFrom(writer)]
  const right = sealAfter(state, leaves)

  const lies: Record<string, Partial<Seal>> = {
    'another number': {n: 1},
    'another predecessor': {prev: ZERO},
    'no predecessor': {prev: undefined},
    'another log': {origin: 'acme.example/other'},
    'a beginning elsewhere': {size_before: 3},
    'another root before': {root_before: ZERO},
    'another size': {size_after: 5},
    'another root': {root_after: ZERO},
    'another frontier': {frontier: [ZERO]},
    'an entry less': {entries: leaves.slice(1)},
    'an entry twice': {entries: [...leaves, ...leaves.slice(1)]},
    'entries in another order': {entries: leaves.toReversed()},
    'an entry that says something else': {entries: leaves.map((leaf) => ({...leaf, size: leaf.size + 1}))},
    'an entry of another stream': {entries: leaves.map((leaf) => ({...leaf, stream: 'approval' as const}))},
    'a count that is too high': {totals: right.seal.totals.map((total) => ({...total, count: total.count + 1}))},
    'a mark that is too high': {totals: right.seal.totals.map((total) => ({...total, upto: 'Z'}))},
    'no counts': {totals: []},
    'counts of fewer days': {since: '2026-12-31'},
    'a search that was not': {swept: {window: '2026-03-09T00:00:00.000Z', all: '2027-01-01T00:00:00.000Z'}},
  }
  for (const [lie, change] of Object.entries(lies))
    it(`refuses a seal with ${lie}`, () => {
      const result = foldSeal(state, sealAfter(state, leaves, undefined, change))
      assert.equal(isFault(result) && result.code, 'seal.broken')
    })

  it('takes the same seal where nothing is wrong with it', () => {
    assert.equal(folded(state, right).n, 2)
  })

  it('says which seal is missing', () => {
    const result = foldSeal(state, third)
    assert.deepEqual(result, {code: 'seal.missing', message: 'seal 2 is not there, and seal 3 is'})
  })

  it('refuses a first seal that stands on something', () => {
    assert.ok(isFault(foldSeal(START, second)))
    assert.ok(isFault(foldSeal(START, sealAfter(START, leaves, undefined, {prev: ZERO}))))
    assert.equal(folded(START, sealAfter(START, leaves)).origin, ORIGIN)
  })
})

function folded(state: LogState, stored: StoredSeal, onLeaf?: Parameters<typeof foldSeal>[2]): LogState {
  const result = foldSeal(state, stored, onLeaf)
  assert.ok(!isFault(result), JSON.stringify(result))
  return result
}
