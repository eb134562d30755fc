import assert from 'node:assert/strict'
import {VULNS_TYPE} from '../../../../src/lib/evidence/statement.ts'
import {checkScan} from '../../../../src/lib/policy/checks/scan.ts'
import type {Attached, Observation} from '../../../../src/lib/policy/model.ts'
import {ago, ARM, DIGEST, NOW, observation, OTHER_KEY, policy, said, scan} from '../situation.ts'

const WEEK = 7 * 86_400_000

function judged(attached: readonly Attached[], limit: number | undefined = WEEK, more?: Partial<Observation>) {
  const {state, reason} = checkScan(observation(attached, more), policy({scan: {'max-age': limit}}), NOW)
  return reason === undefined ? state : `${state} ${reason}`
}

describe('checkScan', () => {
  it('asks for nothing that the policy does not ask for', () => {
    assert.equal(checkScan(observation([]), policy({}), NOW).state, 'not-required')
  })

  it('wants a signed scan about this digest', () => {
    assert.equal(judged([scan()]), 'verified')
    assert.equal(judged([]), 'missing scan.missing')
    assert.equal(judged([scan({spki: OTHER_KEY.spki})]), 'missing scan.missing')
    assert.equal(judged([scan({digests: [ARM]})]), 'missing scan.missing')
  })

  it('limits the age to the millisecond', () => {
    assert.equal(judged([scan({finishedAt: new Date(NOW.getTime() - WEEK).toISOString()})]), 'verified')
    assert.equal(judged([scan({finishedAt: new Date(NOW.getTime() - WEEK - 1).toISOString()})]), 'failed scan.too-old')
    assert.equal(checkScan(observation([scan({finishedAt: ago(100_000)})]), policy({scan: {}}), NOW).state, 'verified')
  })

  it('refuses a fresh scan that knew only what an old database knows', () => {
    assert.equal(judged([scan({databaseAt: ago(24 * 7)})]), 'verified')
    assert.equal(judged([scan({databaseAt: ago(24 * 7 + 2)})]), 'failed scan.too-old')
  })

  it('refuses a scan or a database from the future: the clock may stand in the past', () => {
    assert.equal(judged([scan({finishedAt: ago(-4 / 60)})]), 'verified')
    assert.equal(judged([scan({finishedAt: ago(-6 / 60)})]), 'failed attestation.invalid')
    assert.equal(judged([scan({databaseAt: ago(-1)})]), 'failed attestation.invalid')
    assert.equal(judged([scan({finishedAt: ago(1)}), scan({finishedAt: ago(-24)})]), 'failed attestation.invalid')
  })

  it('judges the newest: a rescan renews, and an older one does not linger', () => {
    assert.equal(judged([scan({finishedAt: ago(1_000)}), scan({finishedAt: ago(1)})]), 'verified')
    assert.equal(judged([scan({finishedAt: ago(1), databaseAt: ago(1)}), scan({finishedAt: ago(1), databaseAt: ago(1_000)})]), 'failed scan.too-old')
  })

  it('refuses a predicate of another shape, also beside a good one', () => {
    for (const broken of [
      null,
      {},
      {scanner: {}, metadata: {scanFinishedOn: ago(1)}},
      {scanner: {uri: 'x', db: {}, result: []}, metadata: {scanFinishedOn: 'yesterday'}},
    ])
      assert.equal(judged([scan(), said(VULNS_TYPE, broken)]), 'failed attestation.invalid', JSON.stringify(broken))
  })

  it('wants every platform scanned, each recently', () => {
    const platforms = [
      {platform: 'linux/amd64', digest: DIGEST},
      {platform: 'linux/arm64', digest: ARM},
    ]
    const both = (arm: Attached) => ({
      platforms,
      attached: new Map([
        [DIGEST, [scan()]],
        [ARM, [arm]],
      ]),
    })
    assert.equal(judged([scan()], WEEK, {platforms}), 'missing scan.missing')
    assert.equal(judged([], WEEK, both(scan({digests: [ARM]}))), 'verified')
    assert.equal(judged([], WEEK, both(scan({digests: [ARM], finishedAt: ago(1_000)}))), 'failed scan.too-old')
    assert.equal(judged([], WEEK, both(scan())), 'missing scan.missing', 'a scan of the other platform')
  })
})
