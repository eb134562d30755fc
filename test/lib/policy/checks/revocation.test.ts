import assert from 'node:assert/strict'
import {checkRevocation} from '../../../../src/lib/policy/checks/revocation.ts'
import {judge} from '../../../../src/lib/policy/judge.ts'
import type {RevocationList} from '../../../../src/lib/policy/model.ts'
import {ago, ARM, DIGEST, NOW, observation, policy, signature} from '../situation.ts'

const listed = (digest: string, since = ago(24)): RevocationList => ({
  state: 'read',
  issuedAt: ago(1),
  maxAge: 86_400_000,
  revoked: new Map([[digest, {reason: 'malicious', since}]]),
})
const index = {digest: DIGEST, platforms: [{platform: 'linux/arm64', digest: ARM}]}
const outcome = (revocations?: RevocationList, asOf = NOW) => {
  const {state, reason} = checkRevocation({...index, ...(revocations !== undefined && {revocations})}, asOf)
  return [state, reason]
}

describe('the revocation check', () => {
  it('is shown as not checked where no list is configured', () => {
    assert.deepEqual(outcome(), ['not-checked', undefined])
  })

  it('fails for what was asked for, and for every platform of it', () => {
    assert.deepEqual(outcome(listed(DIGEST)), ['failed', 'image.revoked'])
    assert.deepEqual(outcome(listed(ARM)), ['failed', 'image.revoked'])
    assert.deepEqual(outcome(listed(`sha256:${'0'.repeat(64)}`)), ['verified', undefined])
  })

  it('counts an entry from its time on', () => {
    assert.deepEqual(outcome(listed(DIGEST, ago(0))), ['failed', 'image.revoked'])
    assert.deepEqual(outcome(listed(DIGEST, ago(-1))), ['verified', undefined])
    assert.deepEqual(outcome(listed(DIGEST), new Date(ago(25))), ['verified', undefined])
  })

  it('passes on why there is no list', () => {
    assert.deepEqual(outcome({state: 'failed', reason: 'revocation.stale', message: 'too old'}), ['could-not-check', 'revocation.stale'])
  })

  it('is part of the verdict', () => {
    const judged = (revocations: RevocationList) => judge(observation([signature()], {revocations}), policy({}), NOW)
    assert.deepEqual(judged(listed(ARM)).exitCode, 0)
    assert.deepEqual(judged(listed(DIGEST)).exitCode, 1)
    assert.deepEqual(judged({state: 'failed', reason: 'revocation.unreachable', message: 'no answer'}).exitCode, 4)
  })
})
