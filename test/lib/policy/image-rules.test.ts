import assert from 'node:assert/strict'
import fc from 'fast-check'
import type {ImageRule} from '../../../src/lib/config/schema.ts'
import {judgeByRules, matchesRepository} from '../../../src/lib/policy/image-rules.ts'
import {ARM, DIGEST, NOW} from './situation.ts'

const image = {repository: 'registry.example/vendor/proxy', digest: DIGEST}

function rule(match: string, more: Partial<ImageRule> = {}): ImageRule {
  return {match, digests: [DIGEST], 'approved-by': 'platform-team', until: '2026-12-31', ...more}
}

function judged(rules: readonly ImageRule[], of = image) {
  const found = judgeByRules(of, rules, NOW)
  return found?.verdict === 'failed' ? found.reason : found?.verdict
}

describe('judgeByRules', () => {
  it('admits a digest that a matching rule lists', () => {
    assert.equal(judged([rule('registry.example/vendor/*')]), 'verified')
  })

  it('has nothing to say where no rule matches', () => {
    assert.equal(judged([]), undefined)
    assert.equal(judged([rule('registry.example/vendor')]), undefined)
    assert.equal(judged([rule('other.example/vendor/*')]), undefined)
  })

  it('refuses a digest that the rule does not list', () => {
    assert.equal(judged([rule('registry.example/vendor/*', {digests: [ARM]})]), 'policy.unknown-image')
  })

  it('ends with its last day, in UTC', () => {
    assert.equal(judged([rule('registry.example/vendor/*', {until: '2026-06-15'})]), 'verified')
    assert.equal(judged([rule('registry.example/vendor/*', {until: '2026-06-14'})]), 'policy.expired')
  })

  it('lets the most specific rule decide, not the most generous', () => {
    const wide = rule('registry.example/**')
    const narrow = rule('registry.example/vendor/proxy', {digests: [ARM]})
    for (const rules of [
      [wide, narrow],
      [narrow, wide],
    ])
      assert.equal(judged(rules), 'policy.unknown-image')
    assert.equal(judged([wide, narrow], {...image, digest: ARM}), 'verified')
    assert.equal(judged([rule('registry.example/vendor/*', {digests: [ARM]}), rule('registry.example/vendor/prox*')]), 'verified')
    assert.equal(judged([rule('registry.example/*/proxy', {digests: [ARM]}), rule('registry.example/vendor/**')]), 'verified')
  })

  it('lets a name that is written out decide, however long a pattern is', () => {
    const short = {repository: 'r.io/a', digest: DIGEST}
    const rules = [rule('r.io/a', {digests: [ARM]}), rule('*.io/**********************')]
    for (const order of [rules, rules.toReversed()]) assert.equal(judged(order, short), 'policy.unknown-image')
  })

  it('takes equally specific rules for approvals of their own', () => {
    const match = 'registry.example/vendor/*'
    const rules = [rule(match, {digests: [ARM]}), rule(match, {until: '2026-01-01'}), rule(match)]
    for (const order of [rules, rules.toReversed()]) assert.equal(judged(order), 'verified')
    assert.equal(judged(rules.slice(0, 2)), 'policy.expired')
  })

  it('leaves it to a signature where a rule names who has to have signed', () => {
    const match = 'registry.example/vendor/*'
    const {digests: _digests, ...signed} = rule(match, {identities: [{issuer: 'https://issuer.example', identity: 'vendor'}]})
    assert.equal(judged([signed]), 'if-signed')
    assert.equal(judged([{...signed, digests: [DIGEST]}]), 'if-signed', 'it wants both')
    assert.equal(judged([{...signed, digests: [ARM]}]), 'policy.unknown-image')
    assert.equal(judged([{...signed, until: '2026-01-01'}]), 'policy.expired')
    // A digest that somebody took on needs no signature.
    assert.equal(judged([signed, rule(match)]), 'verified')
  })

  it('says who approved, until when', () => {
    const found = judgeByRules(image, [rule('registry.example/vendor/*')], NOW)
    assert.match(found?.verdict === 'verified' ? found.message : '', /platform-team until 2026-12-31/)
  })

  it('never admits a digest that no rule lists', () => {
    const anyRule = fc.record({
      match: fc.constantFrom('registry.example/**', 'registry.example/vendor/*', '*/vendor/*', 'registry.*/vendor/proxy'),
      until: fc.constantFrom('2026-01-01', '2026-12-31'),
    })
    fc.assert(
      fc.property(fc.array(anyRule), (rules) => assert.notEqual(judged(rules.map(({match, until}) => rule(match, {until, digests: [ARM]}))), 'verified')),
    )
  })
})

describe('matchesRepository', () => {
  it('keeps a wildcard of the host within its label', () => {
    assert.equal(matchesRepository('123.dkr.ecr.*.amazonaws.com/eks/*', '123.dkr.ecr.us-east-1.amazonaws.com/eks/pause'), true)
    assert.equal(matchesRepository('123.dkr.ecr.*.amazonaws.com/eks/*', '123.dkr.ecr.evil.example.amazonaws.com/eks/pause'), false)
    assert.equal(matchesRepository('*.example/app', 'evil.example.example/app'), false)
    assert.equal(matchesRepository('registry.*/app', 'registry.example:8080/app'), false)
    assert.equal(matchesRepository('**/app', 'registry.example/app'), false)
  })

  it('wants the port written out', () => {
    assert.equal(matchesRepository('registry.example/app', 'registry.example:443/app'), false)
    assert.equal(matchesRepository('registry.example:443/app', 'registry.example:443/app'), true)
    assert.equal(matchesRepository('registry.example:*/app', 'registry.example:443/app'), false)
    assert.equal(matchesRepository('[::1]:5000/app', '[::1]:5000/app'), true)
    assert.equal(matchesRepository('[::1]:5000/app', '[::2]:5000/app'), false)
  })

  it('takes no pattern without a path for one with any', () => {
    for (const pattern of ['registry.example', '*', '**', '']) assert.equal(matchesRepository(pattern, 'registry.example/app'), false, pattern)
  })
})
