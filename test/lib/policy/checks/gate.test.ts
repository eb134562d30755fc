import assert from 'node:assert/strict'
import type {Requires} from '../../../../src/lib/config/schema.ts'
import {TEST_RESULT_TYPE} from '../../../../src/lib/evidence/statement.ts'
import {checkGate} from '../../../../src/lib/policy/checks/gate.ts'
import type {Attached, Observation} from '../../../../src/lib/policy/model.ts'
import {ago, ARM, DIGEST, gate, LIMITS, NOW, observation, OTHER_KEY, policy, said, scan} from '../situation.ts'

function judged(attached: readonly Attached[], required: NonNullable<Requires['gate']> = {}, more?: Partial<Observation>) {
  const {state, reason} = checkGate(observation(attached, more), policy({gate: required}), NOW)
  return reason === undefined ? state : `${state} ${reason}`
}

/** What another test would sign; Semgrep, say. */
const otherTest = said(TEST_RESULT_TYPE, {result: 'PASSED', configuration: [{name: 'semgrep', digest: {sha256: '1'.repeat(64)}}], passedTests: ['code']})

describe('checkGate', () => {
  it('asks for nothing that the policy does not ask for', () => {
    assert.equal(checkGate(observation([]), policy({}), NOW).state, 'not-required')
  })

  it('wants a signed decision about this digest, and a pass', () => {
    assert.equal(judged([gate()]), 'verified')
    assert.equal(judged([]), 'missing gate.missing')
    assert.equal(judged([gate({spki: OTHER_KEY.spki})]), 'missing gate.missing')
    assert.equal(judged([gate({digests: [ARM]})]), 'missing gate.missing')
    assert.equal(judged([gate({decision: 'fail'})]), 'failed gate.failed')
    assert.equal(judged([gate({decision: 'could-not-check'})]), 'failed gate.failed')
  })

  it('takes no other test for the gate, however new and passed', () => {
    assert.equal(judged([otherTest]), 'missing gate.missing')
    assert.equal(judged([gate({decision: 'fail'}), otherTest]), 'failed gate.failed')
    assert.equal(judged([gate(), otherTest]), 'verified')
  })

  it('lets the newest decide, and of equals the worse', () => {
    const [older, newer] = [{decidedAt: ago(2)}, {decidedAt: ago(1)}]
    assert.equal(judged([gate({...older, decision: 'fail'}), gate(newer)]), 'verified')
    assert.equal(judged([gate(older), gate({...newer, decision: 'fail'})]), 'failed gate.failed')
    for (const pair of [
      [gate(newer), gate({...newer, decision: 'fail'})],
      [gate({...newer, decision: 'fail'}), gate(newer)],
    ])
      assert.equal(judged(pair), 'failed gate.failed')
    const sameInstant = {decidedAt: ago(1).replace('Z', '+00:00'), decision: 'fail' as const}
    assert.equal(judged([gate(newer), gate(sameInstant)]), 'failed gate.failed')
  })

  it('takes a decision that cannot be read for one that may have been a refusal', () => {
    const failed = {name: 'hipaa-ci-gate', digest: {sha256: LIMITS}, annotations: {decidedAt: ago(0)}}
    const broken: unknown[] = [
      null,
      {},
      {result: 'FAILED'},
      {result: 'PASSED', configuration: [{...failed, annotations: {}}]},
      {result: 'PASSED', configuration: [{...failed, annotations: {decidedAt: 'today'}}]},
      {result: 'PASSED', configuration: [{...failed, annotations: {decidedAt: '2026-06-15T12:00:00'}}]},
      {result: 'PASSED', configuration: [{...failed, digest: {}}]},
      {result: 'PASSED', configuration: [failed, failed]},
    ]
    for (const predicate of broken) assert.equal(judged([gate(), said(TEST_RESULT_TYPE, predicate)]), 'failed attestation.invalid', JSON.stringify(predicate))
  })

  it('lets no decision from the future outlive those to come', () => {
    assert.equal(judged([gate({decidedAt: ago(-24)})]), 'failed attestation.invalid')
    assert.equal(judged([gate({decidedAt: ago(-24)}), gate({decision: 'fail'})]), 'failed attestation.invalid')
  })

  it('accepts only the limits that the policy names', () => {
    assert.equal(judged([gate()], {policies: [`sha256:${LIMITS}`]}), 'verified')
    assert.equal(judged([gate()], {policies: [`sha256:${'0'.repeat(64)}`]}), 'failed gate.failed')
    assert.equal(judged([gate()], {policies: []}), 'failed gate.failed')
  })

  it('counts again from the signed scan', () => {
    const max = {critical: 0, high: 1}
    assert.equal(judged([gate(), scan({findings: ['high', 'medium', 'low']})], {max}), 'verified')
    assert.equal(judged([gate(), scan({findings: ['high', 'high']})], {max}), 'failed gate.failed')
    assert.equal(judged([gate(), scan({findings: ['critical']})], {max}), 'failed gate.failed')
    assert.equal(judged([gate()], {max}), 'missing scan.missing')
    assert.equal(judged([gate(), scan({findings: ['low']})], {max: {low: 0}}), 'failed gate.failed')
  })

  it('counts again on every platform', () => {
    const platforms = [
      {platform: 'linux/amd64', digest: DIGEST},
      {platform: 'linux/arm64', digest: ARM},
    ]
    const attached = new Map([
      [DIGEST, [gate(), scan()]],
      [ARM, [scan({digests: [ARM], findings: ['critical']})]],
    ])
    assert.equal(judged([], {max: {critical: 0}}, {platforms, attached}), 'failed gate.failed')
  })
})
