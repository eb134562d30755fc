import assert from 'node:assert/strict'
import fc from 'fast-check'
import {PROVENANCE_TYPE, type Statement} from '../../../src/lib/evidence/statement.ts'
import {isFuture, newest} from '../../../src/lib/policy/select.ts'
import {ago, NOW, said} from './situation.ts'

type Item = Parameters<typeof newest>[0][number]

function timed(time: unknown): Item {
  const item = said(PROVENANCE_TYPE, {time})
  if (item.state !== 'verified') throw new Error('not verified')
  return item
}

function timeOf({predicate}: Statement): string | undefined {
  const time = typeof predicate === 'object' && predicate !== null && 'time' in predicate ? predicate.time : undefined
  return typeof time === 'string' ? time : undefined
}

describe('newest', () => {
  it('is one of several times', () => {
    const items = [ago(3), ago(1), ago(2)].map(timed)
    assert.deepEqual(newest(items, timeOf), [items[1]])
  })

  it('is all that share the newest time, in whatever zone it is written', () => {
    const items = [timed('2026-06-15T10:00:00Z'), timed('2026-06-15T12:00:00+02:00'), timed('2026-06-15T09:59:59.999Z')]
    assert.deepEqual(newest(items, timeOf), items.slice(0, 2))
  })

  it('holds what has no time, or a time without a zone, beside the newest', () => {
    const odd = [undefined, '', 'yesterday', '2026-06-15', '2026-06-15T10:00:00', '2026-13-45T00:00:00Z'].map(timed)
    const dated = timed(ago(1))
    assert.deepEqual(newest([timed(ago(5)), ...odd, dated], timeOf), [...odd, dated])
  })

  it('is nothing of nothing', () => {
    assert.deepEqual(newest([], timeOf), [])
  })

  it('does not depend on the order, and is never empty of something', () => {
    const time = fc.option(
      fc.integer({min: -5, max: 5}).map((hours) => ago(hours)),
      {nil: undefined},
    )
    fc.assert(
      fc.property(fc.array(time, {minLength: 1}), (times) => {
        const items = times.map(timed)
        const [forth, back] = [newest(items, timeOf), newest(items.toReversed(), timeOf)]
        assert.ok(forth.length > 0)
        assert.deepEqual(new Set(forth), new Set(back))
      }),
    )
  })
})

describe('isFuture', () => {
  it('allows clocks to differ by five minutes', () => {
    assert.equal(isFuture(ago(-5 / 60), NOW), false)
    assert.equal(isFuture(new Date(NOW.getTime() + 5 * 60_000 + 1).toISOString(), NOW), true)
  })

  it('judges no text that is no time', () => {
    for (const text of [undefined, '', '9999']) assert.equal(isFuture(text, NOW), false)
  })
})
