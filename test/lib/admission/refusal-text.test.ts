/** What a person reads. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {admittedBy, judgedAs, refusedFor} from '../../../src/lib/admission/image-verdict.ts'
import {faultText, refusalText} from '../../../src/lib/admission/refusal-text.ts'
import {AppError} from '../../../src/lib/errors.ts'
import {conclude} from '../../../src/lib/policy/judge.ts'

const digest = `sha256:${'a1'.repeat(32)}`
const repository = 'registry.example/prod/patient-api'
const place = {image: `${repository}@${digest}`, path: 'spec.containers[0]', repository, digest}

describe('refusalText', () => {
  it('names the image shortly, the reason, a sentence, and what to type in full', () => {
    const missing = judgedAs(conclude([{name: 'signature', state: 'missing', reason: 'signature.missing', message: 'no signature on it'}]), [], place)
    assert.equal(
      refusalText([missing, admittedBy('', place)], {environment: 'production'}),
      `patient-api@sha256:a1a1a1a1a1a1…: signature.missing: no signature on it. Run: hipaa-ci verify ${place.image} --environment production`,
    )
  })

  it('says what becomes of an image that was not refused', () => {
    const text = refusalText([refusedFor('policy.tag', 'named by a tag, which can move', {image: 'web:latest', path: 'x'})], {fate: 'will be refused'})
    assert.equal(text, 'web:latest will be refused: policy.tag: named by a tag, which can move. Deploy it by digest.')
  })

  it('says what to do where there is nothing to type', () => {
    const text = refusalText([refusedFor('policy.tag', 'named by a tag, which can move', {image: 'web:latest', path: 'x'})], {environment: 'production'})
    assert.equal(text, 'web:latest: policy.tag: named by a tag, which can move. Deploy it by digest.')
  })

  it('counts those for which there is no room', () => {
    const many = Array.from({length: 100}, (_, at) => refusedFor('policy.tag', 'named by a tag, which can move', {image: `web-${at}:latest`, path: 'x'}))
    const text = refusalText(many)
    assert.ok(text.length <= 2_000)
    const told = text.split(' | ').length - 1
    assert.ok(text.endsWith(` | and ${100 - told} more images`), text.slice(-60))
  })

  it('tells an image that stands in two places once', () => {
    const twice = [place, {...place, path: 'spec.containers[1]'}].map((each) => refusedFor('policy.tag', 'a tag', each))
    assert.doesNotMatch(refusalText(twice), / \| /)
  })

  it('is printable and short, whatever others call their images and whatever went wrong', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({unit: 'binary', maxLength: 300}), fc.string({unit: 'binary', maxLength: 3_000, size: '+1'})), {
          minLength: 1,
          maxLength: 4,
        }),
        (all) => {
          const texts = [
            refusalText(
              all.map(([image, message]) => refusedFor('policy.image-name', message, {image, path: 'x'})),
              {environment: 'production', fate: 'will be refused'},
            ),
            ...all.map(([, message]) => faultText(new AppError('bug', message))),
          ]
          for (const text of texts) {
            assert.ok(text.length > 0 && text.length <= 2_000)
            assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
          }
        },
      ),
    )
  })
})
