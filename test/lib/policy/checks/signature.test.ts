import assert from 'node:assert/strict'
import fc from 'fast-check'
import {SIGN_TYPE, SPDX_TYPE} from '../../../../src/lib/evidence/statement.ts'
import {checkSignature, triedSignatures} from '../../../../src/lib/policy/checks/signature.ts'
import type {Attached, Policy} from '../../../../src/lib/policy/model.ts'
import {ARM, DIGEST, JUNK, KEY, NOW, observation, OTHER_KEY, policy, REPOSITORY, said, sbom, signature} from '../situation.ts'

const BOTH: Partial<Policy> = {keys: [KEY, OTHER_KEY]}

function judged(attached: readonly Attached[], more: Partial<Policy> = {}) {
  const {state, reason} = checkSignature(observation(attached), policy({}, more), NOW)
  return reason === undefined ? state : `${state} ${reason}`
}

describe('checkSignature', () => {
  it('accepts the right type, key, digest and repository', () => {
    assert.equal(judged([signature()]), 'verified')
    assert.equal(judged([signature({digests: [ARM, DIGEST]})]), 'verified')
  })

  it('finds no signature in nothing, nor in attestations', () => {
    assert.equal(judged([]), 'missing signature.missing')
    assert.equal(judged([sbom()]), 'missing signature.missing')
    assert.equal(judged([said(SPDX_TYPE, {}, {annotations: {repository: REPOSITORY}})]), 'missing signature.missing')
  })

  it('refuses a signature for another repository, for a longer one, and for none', () => {
    for (const repository of ['registry.example/other/app', `${REPOSITORY}-copy`, REPOSITORY.toUpperCase(), ''])
      assert.equal(judged([signature({repository})]), 'failed signature.wrong-repository', repository)
    assert.equal(judged([said(SIGN_TYPE, {})]), 'failed signature.wrong-repository')
  })

  it('refuses a repository that is text only by accident', () => {
    const item = signature()
    assert.equal(item.state, 'verified')
    if (item.state !== 'verified') return
    const subject = item.statement.subject.map((each) => ({...each, annotations: {repository: [REPOSITORY]}}))
    assert.equal(judged([{...item, statement: {...item.statement, subject}}]), 'failed signature.wrong-repository')
  })

  it("refuses an image that was copied out of the environment's repository together with its signature", () => {
    const home = {repository: 'registry.example/prod/app'}
    const copied = observation([signature(home)])
    assert.equal(checkSignature(copied, policy({}, home), NOW).reason, 'signature.wrong-repository')
    assert.equal(judged([signature()], home), 'failed signature.wrong-repository')
    assert.equal(checkSignature(observation([signature(home)], home), policy({}, home), NOW).state, 'verified')
  })

  it('tells whoever copied it there to promote it, where images are promoted to', () => {
    const home = 'registry.example/prod/app'
    const fix = (repository: string, more: Partial<Policy>) =>
      checkSignature(observation([signature({repository})], {repository}), policy({}, {repository: home, ...more}), NOW).fix
    assert.equal(fix(REPOSITORY, {promotion: OTHER_KEY}), 'hipaa-ci promote <image> --to production')
    assert.equal(fix(home, {promotion: OTHER_KEY}), `From the repository that it was built in: hipaa-ci promote HOST/REPO@${DIGEST} --to production`)
    assert.equal(fix(REPOSITORY, {}), undefined)
  })

  it('refuses a signature about another digest', () => {
    assert.equal(judged([signature({digests: [ARM]})]), 'failed signature.wrong-subject')
  })

  it('looks at what is attached to the image itself, not to its platforms', () => {
    const attached = new Map([[ARM, [signature({digests: [ARM, DIGEST]})]]])
    assert.equal(checkSignature(observation([], {attached}), policy({}), NOW).state, 'missing')
  })

  it('takes what cannot be read for something that could not be checked, unless it says that it is another thing', () => {
    const [unreadable] = JUNK
    assert.ok(unreadable?.state === 'failed')
    assert.equal(judged([unreadable]), 'could-not-check attestation.unreadable')
    assert.equal(judged([{...unreadable, predicateType: SPDX_TYPE}]), 'missing signature.missing')
  })

  it('never takes a signed payload that is no statement for nothing', () => {
    assert.equal(
      judged([{state: 'failed', manifest: DIGEST, reason: 'attestation.invalid', message: 'not an in-toto statement'}]),
      'failed attestation.invalid',
    )
  })

  it('is satisfied by one good signature, wherever it stands', () => {
    const bad = [...JUNK, signature({repository: 'x.example/y'}), signature({digests: [ARM]}), signature({spki: OTHER_KEY.spki})]
    fc.assert(
      fc.property(fc.shuffledSubarray(bad), fc.nat(bad.length), (others, at) =>
        assert.equal(judged([...others.slice(0, at), signature(), ...others.slice(at)]), 'verified'),
      ),
    )
  })

  it('tells the most telling fault, in whatever order they stand', () => {
    const all = [signature({digests: [ARM]}), signature({repository: 'x.example/y'}), ...JUNK]
    fc.assert(fc.property(fc.shuffledSubarray(all, {minLength: all.length}), (attached) => assert.equal(judged(attached), 'failed signature.invalid')))
  })

  it('refuses keys outside their time', () => {
    const cases: [Partial<typeof KEY>, string][] = [
      [{status: 'compromised'}, 'failed signature.key-compromised'],
      [{status: 'retired'}, 'failed signature.no-trusted-time'],
      [{until: '2026-06-14'}, 'failed signature.no-trusted-time'],
      [{until: '2026-06-15'}, 'verified'],
      [{from: '2026-06-16'}, 'failed signature.key-retired'],
      [{from: '2026-06-15'}, 'verified'],
      [{from: '2026-06-15', until: '2026-06-15'}, 'verified'],
    ]
    for (const [more, expected] of cases) assert.equal(judged([signature()], {keys: [{...KEY, ...more}]}), expected, JSON.stringify(more))
  })

  it('never forgets that a key is compromised because it is pinned twice', () => {
    const pins = [KEY, {...KEY, status: 'compromised' as const}]
    for (const keys of [pins, pins.toReversed()]) assert.equal(judged([signature()], {keys}), 'failed signature.key-compromised')
  })

  it('lets a key that was renewed be pinned with both its times', () => {
    const pins = [
      {...KEY, until: '2025-12-31'},
      {...KEY, from: '2026-01-01'},
    ]
    for (const keys of [pins, pins.toReversed()]) assert.equal(judged([signature()], {keys}), 'verified')
  })
})

describe('triedSignatures', () => {
  it('lists every signature with its signer and fault, and no attestation', () => {
    const tried = triedSignatures(
      observation([signature(), signature({spki: OTHER_KEY.spki, repository: 'x.example/y'}), sbom(), ...JUNK]),
      policy({}, BOTH),
      NOW,
    )
    assert.deepEqual(
      tried.map(({signer, state, reason}) => [signer, state, reason]),
      [
        [{spki: KEY.spki}, 'verified', undefined],
        [{spki: OTHER_KEY.spki}, 'failed', 'signature.wrong-repository'],
        [undefined, 'could-not-check', 'attestation.unreadable'],
        [undefined, 'failed', 'signature.invalid'],
        [undefined, 'failed', 'signature.wrong-key'],
      ],
    )
  })
})
