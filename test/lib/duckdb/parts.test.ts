import assert from 'node:assert/strict'
import fc from 'fast-check'
import {planMerge, type Part} from '../../../src/lib/duckdb/parts.ts'

describe('planMerge', () => {
  it('keeps every row, and few files', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({min: 1, max: 1000}), {maxLength: 200}), (updates) => {
        let parts: Part[] = []
        let total = 0
        for (const [index, added] of updates.entries()) {
          const plan = planMerge(parts, added)
          parts = [...plan.keep, {file: String(index), rows: plan.rows}]
          total += added
          assert.equal(
            parts.reduce((sum, {rows}) => sum + rows, 0),
            total,
          )
          assert.ok(parts.length <= Math.log2(total) + 1, `${parts.length} files for ${total} rows`)
        }
      }),
    )
  })

  it('leaves a large file alone when little is added', () => {
    const large = {file: 'large', rows: 1_000_000}
    assert.deepEqual(planMerge([large, {file: 'one', rows: 1}], 1), {keep: [large], merge: [{file: 'one', rows: 1}], rows: 2})
  })
})
