import assert from 'node:assert/strict'
import fc from 'fast-check'
import {AppError} from '../../../src/lib/errors.ts'
import {checkedDigest, parseReference} from '../../../src/lib/images/reference.ts'

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`

describe('parseReference', () => {
  const good: [string, object][] = [
    ['registry.example.com/team/app', {repository: 'registry.example.com/team/app'}],
    ['registry.example.com/app:1.0', {repository: 'registry.example.com/app', tag: '1.0'}],
    ['localhost/app', {repository: 'localhost/app'}],
    ['localhost:5000/app:x', {repository: 'localhost:5000/app', tag: 'x'}],
    ['[::1]:5000/app', {repository: '[::1]:5000/app'}],
    ['127.0.0.1:5000/a/b__c/d.e/f---g', {repository: '127.0.0.1:5000/a/b__c/d.e/f---g'}],
    [`host.example/app@${DIGEST}`, {repository: 'host.example/app', digest: DIGEST}],
    [`host.example:1/app:_T.a-g@${DIGEST}`, {repository: 'host.example:1/app', tag: '_T.a-g', digest: DIGEST}],
  ]
  for (const [text, expected] of good) it(`reads ${text}`, () => assert.deepEqual(parseReference(text), expected))

  const bad: [string, RegExp][] = [
    ['alpine', /names no registry/],
    ['library/alpine:3', /names no registry/],
    ['/app', /names no registry/],
    ['registry.example.com/Team/app', /upper-case/],
    ['Registry.example.com/app', /upper-case/],
    ['registry.example.com/app:', /tag is empty/],
    [`registry.example.com/app:${'t'.repeat(129)}`, /tag/],
    ['registry.example.com/app:-x', /tag/],
    ['registry.example.com/app:a b', /tag/],
    ['registry.example.com/app@sha256:abc', /digest/],
    [`registry.example.com/app@${DIGEST.toUpperCase()}`, /digest/],
    [`registry.example.com/app@sha512:${'a'.repeat(128)}`, /digest/],
    ['registry.example.com/app@', /digest/],
    ['registry.example.com//app', /empty/],
    ['registry.example.com/', /empty/],
    ['registry.example.com/a/../b', /cannot be part/],
    ['registry.example.com/a___b', /cannot be part/],
    ['registry.example.com/a%2fb', /cannot be part/],
    ['user@registry.example.com/app', /digest/],
    ['registry.example.com:70000/app', /not a host/],
    ['registry..example.com/app', /not a host/],
    ['https://registry.example.com/app', /not a host|empty/],
    [`registry.example.com/${'a'.repeat(256)}`, /longer than/],
  ]
  for (const [text, words] of bad) {
    it(`refuses ${JSON.stringify(text.slice(0, 60))}`, () =>
      assert.throws(
        () => parseReference(text),
        (error) => error instanceof AppError && error.code === 'usage.target' && words.test(error.message) && error.message.includes(text.slice(0, 60)),
      ))
  }

  it('says how to write a short name in full', () =>
    assert.throws(
      () => parseReference('alpine:3'),
      (error) => error instanceof AppError && /registry\.example\.com\/alpine/.test(error.suggestions.join('')),
    ))

  it('calls an empty reference empty', () => assert.throws(() => parseReference(''), {code: 'usage.empty'}))

  it('never lets through what could leave its place in an address', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), (text) => {
        try {
          const {repository} = parseReference(`host.example/${text}`)
          const url = new URL(`https://${repository}/v2`)
          return url.href === `https://${repository}/v2` && url.host === 'host.example'
        } catch (error) {
          return error instanceof AppError
        }
      }),
    )
  })
})

describe('checkedDigest', () => {
  for (const text of ['', 'sha256:../../etc/passwd', `${DIGEST}/..`, ` ${DIGEST}`, `${DIGEST}\n`]) {
    it(`refuses ${JSON.stringify(text.slice(0, 30))}`, () => assert.throws(() => checkedDigest(text), {code: 'image.unsupported'}))
  }
})
