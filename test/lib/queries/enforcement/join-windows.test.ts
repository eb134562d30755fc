import assert from 'node:assert/strict'
import fc from 'fast-check'
import type {AnswerRow} from '../../../../src/lib/queries/question.ts'
import {answer, canary, changed, CONSTRAINT, GUARD, made, PERIOD, refusals, removed, told, WEBHOOK, word} from './words.ts'

const felt = [...refusals(7, 8), canary('08:20', 'admitted'), canary('08:26', 'refused'), ...refusals(9, 11)]

describe('a window that a canary and an audit log saw', () => {
  it('is one row, with both sources, who did it and what', () => {
    const rows = [...felt, removed('08:10', WEBHOOK, 'ann'), made('08:24', WEBHOOK, 'ann')]
    assert.deepEqual(told(rows), ['admitted 08:00 08:26 ann; audit-log, canary'])
    assert.equal(answer(rows).rows[0]?.['what'], `delete ${WEBHOOK}`)
  })

  it('is one row where the clocks of both differ', () => {
    assert.deepEqual(told([...felt, removed('08:29', WEBHOOK, 'ann'), made('08:34', WEBHOOK, 'ann')]), ['admitted 08:00 08:34 ann; audit-log, canary'])
  })

  it('is one row with all that was done in it', () => {
    const rows = [...felt, removed('08:10', WEBHOOK, 'ann'), changed('08:12', CONSTRAINT, 'bob'), made('08:24', WEBHOOK, 'ann'), removed('08:15', GUARD, 'eve')]
    assert.deepEqual(told(rows), ['admitted 08:00 08:26 ann, bob, eve; audit-log, canary'])
  })

  it('ends with what the canary felt where the change has no end of its own, unless it was changed again after that', () => {
    assert.deepEqual(told([...felt, changed('08:10', WEBHOOK, 'ann')]), ['admitted 08:00 08:26 ann; audit-log, canary'])
    assert.deepEqual(told([...felt, changed('08:10', WEBHOOK, 'ann'), changed('08:50', WEBHOOK, 'bob')]), [
      'admitted 08:00 08:26 ann; audit-log, canary',
      'changed 08:50 open bob; audit-log',
    ])
  })

  it('stays open where the canary is let in still', () => {
    assert.deepEqual(told([...refusals(7, 8), canary('08:20', 'admitted'), removed('08:10', WEBHOOK, 'ann'), made('08:30', WEBHOOK, 'ann')]), [
      'admitted 08:00 open ann; audit-log, canary',
    ])
  })

  it('is not one with the canary of another cluster, nor with a canary that was silent', () => {
    const elsewhere = felt.map((row) => ({...row, cluster: 'prod-west'}))
    assert.deepEqual(told([...elsewhere, ...refusals(7, 11), removed('08:10', WEBHOOK, 'ann'), made('08:24', WEBHOOK, 'ann')]), [
      'removed 08:10 08:24 ann; audit-log',
      'admitted 08:00 08:26 -; canary',
    ])
    assert.deepEqual(told([canary('08:00', 'refused'), canary('11:00', 'refused'), removed('09:00', WEBHOOK, 'ann'), made('09:10', WEBHOOK, 'ann')]), [
      'silent 08:00 11:00 -; canary',
      'removed 09:00 09:10 ann; audit-log',
    ])
  })
})

describe('the windows, whatever came in which order', () => {
  const clocks = fc
    .integer({min: 0, max: 239})
    .map((minute) => `${String(8 + Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`)
  const people = fc.constantFrom('ann', 'bob', 'eve')
  const things = fc.constantFrom(WEBHOOK, CONSTRAINT, GUARD)
  const row = fc.oneof(
    fc.tuple(clocks, fc.constantFrom('refused', 'admitted', 'unknown')).map(([clock, said]) => canary(clock, said as 'refused')),
    fc.tuple(clocks, things, people).map(([clock, what, by]) => removed(clock, what, by)),
    fc.tuple(clocks, things, people).map(([clock, what, by]) => changed(clock, what, by)),
    fc.tuple(clocks, things, people).map(([clock, what, by]) => made(clock, what, by)),
    fc.tuple(clocks, people).map(([clock, by]) => word(clock, 'ignore-label', {what: 'namespace/web', by, verb: 'patch'})),
    fc.tuple(clocks, people).map(([clock, by]) => word(clock, 'ignore-label-gone', {what: 'namespace/web', by, verb: 'patch', is_open: false})),
    fc.tuple(clocks, people).map(([clock, by]) => word(clock, 'failed-open', {what: 'web/a', by, verb: 'create'})),
    fc
      .tuple(clocks, fc.constantFrom('u1', 'u2'))
      .map(([clock, uid]) => word(clock, 'unverified-workload', {what: 'web/b', seen_by: 'cluster', object_uid: uid})),
  )
  const rowsAndOrder = fc
    .array(row, {minLength: 1, maxLength: 14})
    .chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, {minLength: rows.length, maxLength: rows.length})))

  it('are the same', () => {
    fc.assert(
      fc.property(rowsAndOrder, ([rows, shuffled]) => assert.deepEqual(answer(shuffled).rows, answer(rows).rows)),
      {numRuns: 500},
    )
  })

  it('hold each thing that was done, by name, and each pod that was let in', () => {
    fc.assert(
      fc.property(rowsAndOrder, ([rows, shuffled]) => {
        const found = answer(shuffled).rows
        for (const one of rows.filter(isFinding))
          assert.ok(
            found.some((window) => holds(window, one)),
            JSON.stringify([one, found]),
          )
      }),
      {numRuns: 500},
    )
  })

  it('are no others where all of it is told twice', () => {
    const bare = (rows: readonly AnswerRow[]) => answer(rows).rows.map((one) => ({...one, record: null}))
    fc.assert(
      fc.property(rowsAndOrder, ([rows]) => {
        const again = rows.map((one) => (one['seen_by'] === 'canary' ? one : {...one, record: `02${String(one['record']).slice(2)}`}))
        assert.deepEqual(bare([...rows, ...again]), bare(rows))
      }),
      {numRuns: 200},
    )
  })

  function isFinding(one: AnswerRow): boolean {
    return one['is_open'] === true && one['gap'] !== 'refused'
  }

  /** A pod that was found twice is one: its window begins with the first. */
  function holds(window: AnswerRow, one: AnswerRow): boolean {
    const [at, by] = [String(one['begins']), one['by']]
    const isIn = String(window['begins']) <= at && (window['ends'] === null || String(window['ends']) >= at)
    const isNamed = by === null || String(window['by']).split(', ').includes(String(by))
    return isIn && isNamed && String(window['seen_by']).includes(String(one['seen_by'])) && at < PERIOD.to
  }
})
