import assert from 'node:assert/strict'
import {ulid} from 'ulid'
import {recordKey} from '../../../src/lib/evidence/key.ts'
import {SKEW, timeFinding} from '../../../src/lib/ledger/time-findings.ts'
import {NEVER} from '../../../src/lib/ledger/totals.ts'

const CAME = Date.parse('2026-03-02T08:00:00.000Z')
const iso = (ms: number) => new Date(ms).toISOString()
/** @param name @param time milliseconds before or after it came */
const found = (name: number, time: number | undefined, arrived = iso(CAME)) =>
  timeFinding({key: recordKey('test', ulid(CAME + name), 'a'.repeat(64)), time: time === undefined ? undefined : iso(CAME + time), arrived})?.code

describe('when a record came', () => {
  it('may be a quarter of an hour from when it says, either way', () => {
    for (const ms of [0, SKEW, -SKEW]) assert.deepEqual([found(ms, ms), found(ms, undefined)], [undefined, undefined])
    for (const ms of [-SKEW - 1, -SKEW * 1000])
      assert.deepEqual(
        [found(ms, 0), found(0, ms), found(ms, undefined)],
        Array.from({length: 3}, () => 'record.back-dated'),
      )
    for (const ms of [SKEW + 1, SKEW * 1000])
      assert.deepEqual(
        [found(ms, 0), found(0, ms), found(ms, undefined)],
        Array.from({length: 3}, () => 'record.ahead'),
      )
  })

  it('is not helped by a name on one side and a time on the other', () => {
    assert.equal(found(-SKEW, SKEW), 'record.back-dated')
    assert.equal(found(-SKEW - 1, SKEW + 1), 'record.back-dated')
  })

  it('is nothing where the store has no date', () => {
    assert.deepEqual([found(0, 0, NEVER), found(0, 0, 'yesterday')], [undefined, undefined])
  })
})
