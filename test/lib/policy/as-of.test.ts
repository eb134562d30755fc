import assert from 'node:assert/strict'
import {APPROVAL_TYPE, STATEMENT_TYPE, VSA_TYPE, type StatementInput} from '../../../src/lib/evidence/statement.ts'
import {seenAsOf, trustedAsOf} from '../../../src/lib/policy/as-of.ts'
import {signerFault} from '../../../src/lib/policy/key-window.ts'
import type {Attached, Observation, PolicyKey} from '../../../src/lib/policy/model.ts'
import {gateOf, provenanceOf, sbomOf, scanOf, signatureOf} from '../../fakes/statements.ts'
import {NOW} from '../../fakes/verdict-context.ts'
import {KEY, policy} from './situation.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`
/** What is stated with it is of one hour before. */
const now = NOW
const [before, after] = [new Date(NOW.getTime() - 2 * 3_600_000), new Date(NOW.getTime() - 1_800_000)]

function attached({digests, predicateType, predicate}: StatementInput, signedAt?: string): Attached {
  const statement = {_type: STATEMENT_TYPE, subject: digests.map((each) => ({digest: {sha256: each.slice(7)}})), predicateType, predicate} as const
  return {state: 'verified', manifest: DIGEST, bundle: 'b'.repeat(64), signer: {spki: 'c'.repeat(64)}, statement, ...(signedAt !== undefined && {signedAt})}
}

function left(items: readonly Attached[], asOf: Date): number {
  const observation: Observation = {digest: DIGEST, repository: 'registry.example/app', platforms: [], attached: new Map([[DIGEST, items]])}
  return seenAsOf(observation, {asOf, now}).attached.get(DIGEST)?.length ?? 0
}

const at = new Date(NOW.getTime() - 3_600_000).toISOString()
const approval = {environment: 'production', repository: 'registry.example/app', approvedOn: at}
const summary = {verifier: {id: 'x'}, timeVerified: at, resourceUri: 'x', policy: {digest: {sha256: 'x'}}, verificationResult: 'PASSED', verifiedLevels: []}
const TIMED: Readonly<Record<string, StatementInput>> = {
  'an SBOM': sbomOf(DIGEST),
  provenance: provenanceOf([DIGEST]),
  'a scan': scanOf(DIGEST),
  'a gate decision': gateOf([DIGEST]),
  'an approval': {digests: [DIGEST], predicateType: APPROVAL_TYPE, predicate: approval},
  'a verification summary': {digests: [DIGEST], predicateType: VSA_TYPE, predicate: summary},
}

describe('what was there as of a time', () => {
  for (const [what, statement] of Object.entries(TIMED))
    it(`is ${what} from the time on that stands in it`, () => {
      assert.deepEqual([left([attached(statement)], before), left([attached(statement)], after)], [0, 1])
    })

  it('is a signature from its trusted time on, and one without a time always', () => {
    const signature = signatureOf([DIGEST], 'registry.example/app')
    assert.deepEqual([left([attached(signature, at)], before), left([attached(signature, at)], after)], [0, 1])
    assert.equal(left([attached(signature)], before), 1)
  })

  it('goes by the trusted time of a signature, whatever the predicate says', () => {
    assert.equal(left([attached(scanOf(DIGEST), before.toISOString())], before), 1)
    assert.equal(left([attached(scanOf(DIGEST, {finishedAt: '2020-01-01T00:00:00Z'}), at)], before), 0)
  })

  it('keeps what says that it is from the future, and what could not be read', () => {
    assert.equal(left([attached(scanOf(DIGEST, {finishedAt: '2030-01-01T00:00:00Z'}))], before), 1)
    assert.equal(left([{state: 'failed', manifest: DIGEST, reason: 'signature.invalid', message: 'synthetic'}], before), 1)
  })

  it('is everything where the time is now or later', () => {
    assert.deepEqual([left([attached(scanOf(DIGEST))], now), left([attached(scanOf(DIGEST))], new Date(now.getTime() + 1))], [1, 1])
  })
})

describe('the keys as of a time', () => {
  const trusted = (pin: Partial<PolicyKey>, asOf: Date, signedAt?: string) =>
    signerFault({spki: KEY.spki}, trustedAsOf(policy({}, {keys: [{...KEY, ...pin}]}), {asOf, now}), {now: asOf, signedAt})?.reason
  const lastMonth = new Date('2026-05-15T00:00:00.000Z')

  it('take no word without a time from a key whose days are over now: it may be of today', () => {
    assert.equal(trusted({until: '2026-06-01'}, lastMonth), 'signature.no-trusted-time')
    assert.equal(trusted({until: '2026-06-01'}, lastMonth, '2026-05-01T00:00:00.000Z'), undefined)
    assert.equal(trusted({until: '2026-06-01'}, now), 'signature.no-trusted-time')
  })

  it('are those of today where their days are not over', () => {
    assert.equal(trusted({until: '2026-06-15'}, lastMonth), undefined)
    assert.equal(trusted({from: '2026-05-16'}, lastMonth), 'signature.key-retired')
    assert.equal(trusted({until: '2026-06-01', status: 'compromised'}, lastMonth), 'signature.key-compromised')
  })
})
