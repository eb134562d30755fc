import assert from 'node:assert/strict'
import {SIGN_TYPE, VSA_TYPE} from '../../../src/lib/evidence/statement.ts'
import {summarize} from '../../../src/lib/policy/summary.ts'
import type {Attached, Policy} from '../../../src/lib/policy/model.ts'
import {ago, ALL, ARM, BUILDER, DIGEST, JUNK, KEY, NOW, observation, OTHER_KEY, policy, provenance, said, sbom, signature} from './situation.ts'

const builder = (level: number, key = KEY.spki) => ({id: BUILDER, key: `sha256:${key}`, level})

function levelOf(attached: readonly Attached[], requires: Policy['requires'] = ALL): number {
  return summarize(observation(attached), policy(requires), NOW).level
}

/** The same, under a digest of its own. */
function bundled(item: Attached, bundle: string, manifest = DIGEST): Attached {
  return item.state === 'verified' ? {...item, bundle, manifest} : item
}

describe('the level of a verification summary', () => {
  it('is 0 where provenance was not asked for, or is not there', () => {
    assert.equal(levelOf([provenance()], {}), 0)
    assert.equal(levelOf([]), 0)
    assert.equal(levelOf([provenance({spki: OTHER_KEY.spki})]), 0)
  })

  it('is 1 where nobody ranks the builder', () => {
    assert.equal(levelOf([provenance()]), 1)
  })

  it('is what the policy says of the builder, but 1 at most of one that nobody verified', () => {
    assert.equal(levelOf([provenance()], {provenance: {builders: [builder(0)]}}), 0)
    assert.equal(levelOf([provenance()], {provenance: {builders: [builder(1)]}}), 1)
    assert.equal(levelOf([provenance()], {provenance: {builders: [builder(1), builder(3)]}}), 1)
  })
})

describe('the inputs of a verification summary', () => {
  it('are the bundles that count, each once, and no older summary', () => {
    const [one, two, three] = ['1', '2', '3'].map((hex) => hex.repeat(64))
    const twice = bundled(signature({digests: [DIGEST, ARM]}), one ?? '')
    const attached = new Map([
      [
        DIGEST,
        [
          ...JUNK,
          twice,
          bundled(sbom(ago(1), {spki: OTHER_KEY.spki}), two ?? ''),
          bundled(signature({digests: [ARM]}), two ?? ''),
          bundled(said(VSA_TYPE, {}), two ?? ''),
        ],
      ],
      [ARM, [{...twice, manifest: ARM}, bundled(sbom(ago(1), {digests: [ARM]}), three ?? '', ARM)]],
    ])
    assert.deepEqual(summarize(observation([], {attached}), policy(ALL), NOW).inputs, [
      {manifest: DIGEST, bundle: one},
      {manifest: ARM, bundle: three},
    ])
  })

  it('are approvals and the signature of a promotion, too', () => {
    const approvals = {minimum: 1, notAuthor: false, by: [{person: 'ann', key: OTHER_KEY}]}
    const promotion = {spki: 'c'.repeat(64), pem: '(not used)'}
    const attached = [said('urn:hipaa-ci:approval:1', {}, {spki: OTHER_KEY.spki}), bundled(said(SIGN_TYPE, {}, {spki: promotion.spki}), 'e'.repeat(64))]
    assert.deepEqual(
      summarize(observation(attached), policy(ALL, {approvals, promotion}), NOW).inputs.map(({bundle}) => bundle),
      ['f'.repeat(64), 'e'.repeat(64)],
    )
    assert.deepEqual(summarize(observation(attached), policy(ALL), NOW).inputs, [])
  })
})
