import assert from 'node:assert/strict'
import fc from 'fast-check'
import type {ImageRule} from '../../../src/lib/config/schema.ts'
import {decidingRules} from '../../../src/lib/policy/image-rules.ts'
import {compareSpecificity, undecidedPairs} from '../../../src/lib/policy/pattern-order.ts'

const rule = (match: string): ImageRule => ({match, digests: [`sha256:${'a'.repeat(64)}`], 'approved-by': 'platform-team', until: '2099-12-31'})
const deciding = (repository: string, patterns: readonly string[]) => [...new Set(decidingRules(repository, patterns.map(rule)).map(({match}) => match))]

/** Few letters, so that patterns and names meet. */
const piece = (letters: readonly string[]) => fc.array(fc.constantFrom(...letters), {minLength: 1, maxLength: 4}).map((all) => all.join(''))
const repository = fc
  .tuple(
    piece(['a', 'b', '.c']),
    piece(['a', 'b', '/']).filter((path) => !path.startsWith('/')),
  )
  .map((parts) => parts.join('/'))
const pattern = fc.tuple(piece(['a', 'b', '.c', '*']), piece(['a', 'b', '/', '*', '**'])).map((parts) => parts.join('/'))
/** It matches `of`: some of its letters were left to a wildcard. */
const patternOf = (of: string) =>
  fc.array(fc.constantFrom('keep', '*', '**'), {minLength: of.length, maxLength: of.length}).map((choices) =>
    Array.from(of, (letter, at) => (choices[at] === 'keep' || '/.:'.includes(letter) ? letter : (choices[at] ?? letter)))
      .join('')
      .replaceAll(/\*{2,}/g, (run) => (run.length % 2 === 0 ? '**' : '*')),
  )
const met = repository.chain((of) => fc.tuple(fc.constant(of), fc.array(patternOf(of), {minLength: 1, maxLength: 6})))

describe('compareSpecificity', () => {
  it('puts a name before a pattern, a longer beginning before a shorter one, and a letter before a wildcard', () => {
    for (const [more, less] of [
      ['r.io/a', '*.io/**'],
      ['r.io/a', 'r.io/aaaaaaaaaaaaaaaa*'],
      ['registry.example/vendor/*', '*.example/**/proxy-with-a-long-name'],
      ['1.dkr.ecr.*.amazonaws.com/eks/coredns*', '1.dkr.ecr.*.amazonaws.com/eks/*'],
      ['registry.example/*', 'registry.example/**'],
      ['registry.example/*x', 'registry.example/*'],
      ['registry.example/*x', 'registry.example/*x*'],
    ] as const) {
      assert.ok(compareSpecificity(more, less) > 0, `${more} before ${less}`)
      assert.ok(compareSpecificity(less, more) < 0, `${less} after ${more}`)
    }
  })

  it('lets a name that is written out decide among all that match it', () => {
    fc.assert(fc.property(met, ([of, patterns]) => assert.deepEqual(deciding(of, [...patterns, of, ...patterns]), [of])))
  })

  it('lets none decide whose literal beginning is shorter than that of another one that matches', () => {
    const beginning = (text: string) => (text.includes('*') ? text.indexOf('*') : Infinity)
    fc.assert(
      fc.property(met, ([of, patterns]) => {
        const longest = Math.max(...patterns.map(beginning))
        for (const one of deciding(of, patterns)) assert.equal(beginning(one), longest)
      }),
    )
  })

  it('does not depend on the order of the rules', () => {
    fc.assert(fc.property(met, ([of, patterns]) => assert.deepEqual(deciding(of, patterns).toSorted(), deciding(of, patterns.toReversed()).toSorted())))
  })
})

describe('undecidedPairs', () => {
  it('finds two patterns that can match one image where neither is more specific', () => {
    assert.deepEqual(undecidedPairs(['*a/app', 'x/y', '*b/app']), [])
    assert.deepEqual(undecidedPairs(['*a*/app', 'x/y', '*b*/app']), [[0, 2]])
    assert.deepEqual(undecidedPairs(['r.io/*a', 'r.io/*b', 'r.io/*a']), [])
    assert.deepEqual(undecidedPairs(['r.io/**/a*', 'r.io/**b']), [[0, 1]])
    assert.deepEqual(undecidedPairs(['*.a.io/x', '*.b.io/x', '**.a.io/x']), [[0, 2]])
  })

  it('leaves no image to two patterns', () => {
    fc.assert(
      fc.property(met, fc.array(pattern, {maxLength: 3}), ([of, own], others) => {
        const patterns = [...own, ...others]
        fc.pre(undecidedPairs(patterns).length === 0)
        assert.equal(deciding(of, patterns).length, 1)
      }),
      {numRuns: 500},
    )
  })

  it('says so of every two that match one image', () => {
    fc.assert(
      fc.property(met, ([of, patterns]) => {
        const found = new Set(undecidedPairs(patterns).flat())
        const left = deciding(of, patterns)
        if (left.length > 1) for (const one of left) assert.ok(found.has(patterns.indexOf(one)) || found.has(patterns.lastIndexOf(one)), one)
      }),
      {numRuns: 500},
    )
  })
})
