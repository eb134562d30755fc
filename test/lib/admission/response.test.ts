import assert from 'node:assert/strict'
import {admittedBy, exitOf, judgedAs, refusedFor, unchanged, withoutRecord} from '../../../src/lib/admission/image-verdict.ts'
import {admissionAnswer} from '../../../src/lib/admission/response.ts'
import {conclude} from '../../../src/lib/policy/judge.ts'

const place = {image: 'registry.example/app@sha256:abc', path: 'spec.containers[0]'}
const good = admittedBy('approved', place)
const refused = refusedFor('policy.tag', 'named by a tag', place)
const unknown = refusedFor('registry.unreachable', 'nothing answers', place, 'could-not-check')

const judged = (...checks: Parameters<typeof conclude>[0][number][]) => judgedAs(conclude(checks), [], place)

describe('admissionAnswer', () => {
  it('allows where all images are, with nothing but the uid', () => {
    assert.deepEqual(admissionAnswer('u-1', [good, unchanged({...place, unchanged: true})]), {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: {uid: 'u-1', allowed: true},
    })
  })

  it('refuses where one is, and names the place, the image and the codes', () => {
    const {response} = admissionAnswer('u-1', [good, refused, unknown])
    assert.equal(response.allowed, false)
    assert.equal(response.status?.code, 403)
    assert.match(response.status.message, /^hipaa-ci refused 2 images: spec\.containers\[0\] registry\.example\/app@sha256:abc: policy\.tag \(/)
    assert.match(response.status.message, /registry\.unreachable/)
  })

  it('refuses where there is nothing to allow', () => {
    assert.equal(admissionAnswer('u-1', []).response.allowed, false)
  })

  it('is safe to show: no control characters, and not without end', () => {
    const hostile = {...place, image: '\u001b[2Jevil\u0000\u202e\n'}
    assert.match(admissionAnswer('u', [refusedFor('policy.tag', 'x', hostile)]).response.status?.message ?? '', /\?\[2Jevil\?\?\?:/)
    const many = Array.from({length: 256}, () => refused)
    assert.ok((admissionAnswer('u', many).response.status?.message.length ?? 0) <= 2_001)
  })
})

describe('exitOf', () => {
  const missing = judged({name: 'signature', state: 'missing', reason: 'signature.missing', message: ''})

  it('is 0 only where every image is allowed', () => {
    assert.equal(exitOf([good, unchanged({...place, unchanged: true})]), 0)
    assert.equal(exitOf([good, refused]), 1)
  })

  it('takes something missing for a definite refusal', () => {
    assert.equal(exitOf([missing]), 1)
    assert.equal(missing.allowed, false)
  })

  it('tells what could not be checked by its cause', () => {
    assert.equal(exitOf([unknown]), 4)
    assert.equal(exitOf([refusedFor('image.corrupt', '', place, 'could-not-check')]), 5)
    assert.equal(exitOf([refusedFor('key.unreadable', '', place, 'could-not-check')]), 2)
    assert.equal(exitOf([refusedFor('bug', '', place, 'could-not-check')]), 70)
    assert.equal(exitOf([unknown, refused]), 1)
  })

  it('never lets a missing thing hide what could not be checked', () => {
    const both = judged(
      {name: 'sbom', state: 'missing', reason: 'sbom.missing', message: ''},
      {name: 'image', state: 'could-not-check', reason: 'registry.unreachable', message: ''},
    )
    assert.equal(exitOf([both]), 4)
  })

  it('ends in 4 where an allow could not be recorded', () => {
    const lost = withoutRecord(good, 'the disk is full')
    assert.equal(lost.allowed, false)
    assert.deepEqual(lost.reasons, ['record.not-written'])
    assert.equal(exitOf([lost]), 4)
  })
})
