import assert from 'node:assert/strict'
import fc from 'fast-check'
import {matchesGlob} from '../../../src/lib/policy/glob.ts'

describe('matchesGlob', () => {
  it('lets * stand for anything within one part', () => {
    assert.equal(matchesGlob('team/*', 'team/app'), true)
    assert.equal(matchesGlob('team/*', 'team/'), true)
    assert.equal(matchesGlob('team/*', 'team/app/base'), false)
    assert.equal(matchesGlob('*', ''), true)
  })

  it('lets ** stand for anything', () => {
    assert.equal(matchesGlob('team/**', 'team/app/base'), true)
    assert.equal(matchesGlob('**', ''), true)
  })

  it('matches the whole text, lines included', () => {
    assert.equal(matchesGlob('app', 'my-app'), false)
    assert.equal(matchesGlob('app', 'app\n'), false)
    assert.equal(matchesGlob('*', 'a\nb'), true)
  })

  it('takes everything else literally', () => {
    for (const text of ['a.b', 'a+', '(a|b)', '[ab]', '{2}', '^$', 'a\\b', 'a?']) {
      assert.equal(matchesGlob(text, text), true, text)
      assert.equal(matchesGlob(text, `${text}x`), false, text)
    }
    assert.equal(matchesGlob('a.b', 'axb'), false)
  })

  it('matches itself, and only itself where it has no wildcard', () => {
    const literal = fc.string().filter((text) => !text.includes('*'))
    fc.assert(
      fc.property(literal, literal, (pattern, text) => {
        assert.equal(matchesGlob(pattern, pattern), true)
        assert.equal(matchesGlob(pattern, text), pattern === text)
      }),
    )
  })
})
