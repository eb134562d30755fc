import assert from 'node:assert/strict'
import fc from 'fast-check'
import {EXIT, isReasonCode, REASONS} from '../../../src/lib/errors.ts'
import {CHECK_NAMES} from '../../../src/lib/evidence/details.ts'
import {conclude, judge} from '../../../src/lib/policy/judge.ts'
import type {Check} from '../../../src/lib/policy/model.ts'
import {ago, ALL, gate, good, JUNK, NOW, observation, OTHER_KEY, policy, provenance, sbom, scan, signature} from './situation.ts'

describe('judge', () => {
  it('verifies an image that has all that is required', () => {
    const {verdict, exitCode, checks} = judge(observation(good()), policy(ALL), NOW)
    assert.deepEqual({verdict, exitCode}, {verdict: 'verified', exitCode: 0})
    assert.deepEqual(
      checks.map(({name, state}) => `${name} ${state}`),
      ['signature verified', 'sbom verified', 'provenance verified', 'scan verified', 'gate verified', 'approvals not-required', 'revocation not-checked'],
    )
  })

  it('passes nothing where nothing is required', () => {
    const {verdict, exitCode, checks} = judge(observation(good()), policy(undefined), NOW)
    assert.deepEqual({verdict, exitCode, reason: checks[0]?.reason}, {verdict: 'failed', exitCode: 1, reason: 'policy.requires-nothing'})
  })

  it('passes no image that has no platform: every platform of none would be in order', () => {
    const {verdict, exitCode} = judge(observation(good(), {platforms: []}), policy(ALL), NOW)
    assert.deepEqual({verdict, exitCode}, {verdict: 'could-not-check', exitCode: 5})
  })

  it('asks for the signature even where the policy asks for nothing else', () => {
    assert.equal(judge(observation([]), policy({}), NOW).exitCode, EXIT.missing)
    assert.equal(judge(observation([signature()]), policy({}), NOW).exitCode, EXIT.ok)
  })

  it('fails for the failed gate, whatever else is missing', () => {
    const {verdict, exitCode} = judge(observation([signature(), gate({decision: 'fail'})]), policy(ALL), NOW)
    assert.deepEqual({verdict, exitCode}, {verdict: 'failed', exitCode: 1})
  })

  const untrusted = [signature, provenance, scan, gate].map((make) => make({spki: OTHER_KEY.spki})).concat(sbom(ago(0), {spki: OTHER_KEY.spki}), ...JUNK)

  it('is neither spoilt nor helped by what untrusted keys attach', () => {
    fc.assert(
      fc.property(fc.subarray(good()), fc.shuffledSubarray(untrusted), fc.nat(), (honest, junk, at) => {
        const before = judge(observation(honest), policy(ALL), NOW)
        const place = at % (honest.length + 1)
        const after = judge(observation([...honest.slice(0, place), ...junk, ...honest.slice(place)]), policy(ALL), NOW)
        assert.equal(after.verdict === 'verified', before.verdict === 'verified')
        assert.equal(after.exitCode === 0, before.exitCode === 0)
        // Of every check but the signature's, junk changes nothing at all.
        assert.deepEqual(after.checks.slice(1), before.checks.slice(1))
      }),
    )
  })

  it('never ends in 0 without a good signature', () => {
    const anything = [...good().slice(1), ...untrusted, signature({repository: 'registry.example/other'}), signature({digests: [`sha256:${'0'.repeat(64)}`]})]
    fc.assert(
      fc.property(fc.shuffledSubarray(anything), fc.subarray(['sbom', 'provenance', 'scan', 'gate'] as const), (attached, required) => {
        const requires = Object.fromEntries(required.map((name) => [name, ALL[name]]))
        const {verdict, exitCode} = judge(observation(attached), policy(requires), NOW)
        assert.notEqual(exitCode, 0)
        assert.notEqual(verdict, 'verified')
      }),
    )
  })
})

const state = fc.constantFrom<Check['state'][]>('verified', 'failed', 'missing', 'could-not-check', 'not-required', 'not-checked')
const check: fc.Arbitrary<Check> = fc
  .record({name: fc.constantFrom(...CHECK_NAMES), state, message: fc.constant(''), reason: fc.constantFrom(...Object.keys(REASONS).filter(isReasonCode))})
  .map(({reason, ...rest}) => (['failed', 'missing', 'could-not-check'].includes(rest.state) ? {...rest, reason} : rest))

const fixes = (checks: Check[]) => conclude(checks).checks.map(({fix}) => fix)

const outcome = (checks: Check[]) => [conclude(checks).verdict, conclude(checks).exitCode]

describe('conclude', () => {
  it('never turns what is no pass into one by adding a check that is no signature', () => {
    fc.assert(
      fc.property(fc.array(check), check, (checks, added) => {
        fc.pre(added.name !== 'signature')
        if (conclude(checks).exitCode !== 0) assert.notEqual(conclude([...checks, added]).exitCode, 0)
      }),
    )
  })

  it('ends in 0 for a verified verdict, and for no other', () => {
    fc.assert(
      fc.property(fc.array(check), (checks) => {
        const {verdict, exitCode} = conclude(checks)
        assert.equal(exitCode === 0, verdict === 'verified')
      }),
    )
  })

  it('verifies nothing without a verified signature', () => {
    fc.assert(
      fc.property(fc.array(check), (checks) => {
        fc.pre(!checks.some((each) => each.name === 'signature' && each.state === 'verified'))
        assert.notEqual(conclude(checks).verdict, 'verified')
      }),
    )
    assert.equal(conclude([]).exitCode, EXIT.bug)
    assert.equal(conclude([{name: 'sbom', state: 'verified', message: ''}]).exitCode, EXIT.bug)
  })

  it('does not depend on the order of the checks', () => {
    fc.assert(
      fc.property(fc.array(check), (checks) => {
        const [forth, back] = [conclude(checks), conclude(checks.toReversed())]
        assert.deepEqual([forth.verdict, forth.exitCode], [back.verdict, back.exitCode])
      }),
    )
  })

  it('takes a fault without a reason for a bug of ours', () => {
    const nameless: Check = {name: 'gate', state: 'failed', message: ''}
    assert.equal(conclude([nameless]).exitCode, EXIT.bug)
    assert.equal(conclude([nameless, {name: 'sbom', state: 'missing', reason: 'sbom.missing', message: ''}]).exitCode, EXIT.bug)
  })

  it("gives the table's fix where a check has none of its own", () => {
    assert.deepEqual(fixes([{name: 'sbom', state: 'missing', reason: 'sbom.missing', message: ''}]), [REASONS['sbom.missing'].fix])
    assert.deepEqual(fixes([{name: 'sbom', state: 'missing', reason: 'sbom.missing', message: '', fix: 'own'}]), ['own'])
  })

  it('lets a failure win over what could not be checked, and that over what is missing', () => {
    const failed: Check = {name: 'gate', state: 'failed', reason: 'gate.failed', message: ''}
    const unreachable: Check = {name: 'scan', state: 'could-not-check', reason: 'registry.unreachable', message: ''}
    const missing: Check = {name: 'sbom', state: 'missing', reason: 'sbom.missing', message: ''}
    assert.deepEqual(outcome([missing, unreachable, failed]), ['failed', 1])
    assert.deepEqual(outcome([missing, unreachable]), ['could-not-check', 4])
    assert.deepEqual(outcome([missing]), ['missing', 6])
  })
})
