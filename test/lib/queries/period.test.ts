import assert from 'node:assert/strict'
import {earlier, fixPeriod, type PeriodRequest} from '../../../src/lib/queries/period.ts'

const NOW = new Date('2026-03-10T12:00:00.000Z')

describe('fixPeriod', () => {
  const good: [PeriodRequest, string, string][] = [
    [{}, '1970-01-01T00:00:00.000Z', '2026-03-10T12:00:00.000Z'],
    [{since: '90d'}, '2025-12-10T12:00:00.000Z', '2026-03-10T12:00:00.000Z'],
    [{since: '24h'}, '2026-03-09T12:00:00.000Z', '2026-03-10T12:00:00.000Z'],
    [{since: '1w'}, '2026-03-03T12:00:00.000Z', '2026-03-10T12:00:00.000Z'],
    [{from: '2026-01-01', to: '2026-01-31'}, '2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'],
    [{from: '2026-03-09', to: '2026-03-09'}, '2026-03-09T00:00:00.000Z', '2026-03-10T00:00:00.000Z'],
    [{from: '2026-03-09T10:00+02:00', to: '2026-03-09T10:00:00.5Z'}, '2026-03-09T08:00:00.000Z', '2026-03-09T10:00:00.500Z'],
    [{since: '2d', to: '2026-03-09'}, '2026-03-08T12:00:00.000Z', '2026-03-10T00:00:00.000Z'],
  ]
  for (const [request, from, to] of good) it(`reads ${JSON.stringify(request)}`, () => assert.deepEqual(fixPeriod(request, NOW), {from, to}))

  const bad: PeriodRequest[] = [
    {since: '90'},
    {since: '0d'},
    {since: '-1d'},
    {since: '90 days'},
    {since: '999999w'},
    {since: '1d', from: '2026-01-01'},
    {from: '2026-02-30'},
    {from: '01/02/2026'},
    {from: '2026-03-01T10:00'},
    {from: '2026-13-01'},
    {to: 'tomorrow'},
    {to: '9999-12-31'},
    {from: '1969-12-31'},
    {from: '2026-03-02', to: '2026-03-01'},
    {from: '2026-03-11'},
  ]
  for (const request of bad) it(`refuses ${JSON.stringify(request)}`, () => assert.throws(() => fixPeriod(request, NOW), {code: 'usage.flag'}))
})

describe('earlier', () => {
  it('stops at the beginning', () => {
    assert.equal(earlier('2026-03-10T12:00:00.000Z', 3_600_000), '2026-03-10T11:00:00.000Z')
    assert.equal(earlier('1970-01-01T00:00:00.000Z', 3_600_000), '1970-01-01T00:00:00.000Z')
  })
})
