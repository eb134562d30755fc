/** What goes wrong on the way to an answer never makes it a better one. */
import assert from 'node:assert/strict'
import {AppError} from '../../../../src/lib/errors.ts'
import type {EvidenceStore} from '../../../../src/lib/ports/evidence-store.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {container} from '../../admission/reviews.ts'
import {admissions, broken, HOME, home, outcome, world} from './admission-world.ts'

describe('decideAdmission in trouble', () => {
  it('with the registry is no pass: exit 4, recorded as an error', async () => {
    const {image} = await home()
    const context = world({images: {[HOME]: broken(new AppError('registry.unreachable', 'it is slow today'))}})
    assert.deepEqual(outcome(await context.decide({containers: [container(image)]})), {
      exitCode: 4,
      allowed: false,
      verdict: 'could-not-check',
      reasons: ['registry.unreachable'],
    })
    assert.equal((await admissions(context))[0]?.data.outcome, 'error')
  })

  it('in our own code refuses and is recorded too', async () => {
    const {image} = await home()
    const context = world({images: {[HOME]: broken(new TypeError('undefined is not a function'))}})
    assert.deepEqual(outcome(await context.decide({containers: [container(image)]})), {
      exitCode: 70,
      allowed: false,
      verdict: 'could-not-check',
      reasons: ['bug'],
    })
    assert.equal((await admissions(context)).length, 1)
  })

  it('is outweighed by a definite refusal beside it', async () => {
    const {image} = await home()
    const context = world({images: {[HOME]: broken(new AppError('registry.unreachable', 'down'))}})
    assert.equal((await context.decide({containers: [container(image), container('nginx')]})).exitCode, 1)
  })

  it('with the record turns an allow into a refusal: exit 4', async () => {
    const {store, image} = await home()
    const full = {...memoryStore(), put: () => Promise.reject(new AppError('store.unreachable', 'no space left'))}
    const context = world({images: {[HOME]: store}, evidence: full})
    const result = await context.decide({containers: [container(image)]})
    assert.deepEqual(outcome(result), {exitCode: 4, allowed: false, verdict: 'could-not-check', reasons: ['record.not-written']})
    assert.equal(result.recorded, false)
    assert.equal(result.review?.response.allowed, false)
  })

  it('with the record leaves a refusal what it is, and says so', async () => {
    const full = {...memoryStore(), put: () => Promise.reject(new AppError('store.unreachable', 'no space left'))}
    const context = world({evidence: full})
    const result = await context.decide({containers: [container('nginx')]})
    assert.deepEqual(outcome(result), {exitCode: 1, allowed: false, verdict: 'failed', reasons: ['policy.tag']})
    assert.equal(result.recorded, false)
    assert.match(context.notes.join(), /not recorded: no space left/)
  })

  it('with one record of two refuses the pod', async () => {
    const {store, image} = await home()
    const evidence = memoryStore()
    let records = 0
    const put: EvidenceStore['put'] = async (key, bytes) => {
      if (key.startsWith('records/') && (records += 1) > 1) throw new AppError('store.unreachable', 'gone')
      return evidence.put(key, bytes)
    }
    const result = await world({images: {[HOME]: store}, evidence: {...evidence, put}}).decide({containers: [container(image), container(image)]})
    assert.deepEqual([result.exitCode, result.allowed, result.review?.response.allowed], [4, false, false])
    assert.deepEqual(
      result.images.map(({allowed}) => allowed),
      [false, false],
      'what became of the first is not known, so neither counts',
    )
  })
})
