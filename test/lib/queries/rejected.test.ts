import assert from 'node:assert/strict'
import {digestOf, EvidenceWriter, hex, image, REPOSITORY} from '../../fakes/evidence-writer.ts'
import {memoryStore} from '../../fakes/memory-store.ts'
import {ask, pick} from './ask.ts'

describe('rejected', () => {
  it('lists what was refused and why, and what happened next', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.admission(image('bad'), {verdict: 'failed', reasons: ['signature.wrong-key', 'sbom.missing']})
    await writer.admission(image('never-again', 'registry.example/prod/lonely'), {verdict: 'missing', mode: 'offline', signatures_tried: []})
    await writer.admission(image('retried'), {verdict: 'could-not-check', reasons: ['registry.unreachable']})
    await writer.admission(image('retried'))
    await writer.deployment(image('fixed'))
    const result = await ask(store, 'rejected')
    assert.deepEqual(pick(result, 'image', 'verdict', 'reasons', 'mode', 'next', 'next_digest'), [
      [image('bad'), 'failed', 'signature.wrong-key, sbom.missing', 'enforce', 'other image', digestOf('retried')],
      [image('never-again', 'registry.example/prod/lonely'), 'missing', 'signature.missing', 'offline', 'nothing yet', null],
      [image('retried'), 'could-not-check', 'registry.unreachable', 'enforce', 'same image', digestOf('retried')],
    ])
    assert.deepEqual(pick(result, 'signatures_tried'), [[`sha256:${hex('key')} failed`], [null], [`sha256:${hex('key')} failed`]])
    assert.equal(result.exitCode, 0)
  })

  it('finds a deployment that came later, when no admission did', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.admission(image('bad'), {verdict: 'failed'})
    const {record} = await writer.deployment(image('fixed'))
    assert.deepEqual(pick(await ask(store, 'rejected'), 'next', 'next_at', 'next_record'), [['other image', record.time, record.id]])
  })

  it('takes nothing that was let in before, elsewhere, or of another repository for what happened next', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.deployment(image('before'))
    await writer.admission(image('bad'), {verdict: 'failed'})
    await writer.deployment(image('other-namespace'), {namespace: 'tools'})
    await writer.deployment(image('other-environment'), {environment: 'staging'})
    await writer.deployment(image('other-repository', 'registry.example/prod/tools'))
    await writer.deployment(image('other-system'), {system: 'billing'})
    await writer.admission(image('still-bad'), {verdict: 'failed', mode: 'audit'})
    assert.deepEqual(pick(await ask(store, 'rejected'), 'next'), [['nothing yet']])
  })

  it('names an image by its tag where it came with one', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.admission(`${REPOSITORY}:latest`, {verdict: 'failed', reasons: ['policy.tag']})
    await writer.deployment(image('fixed'))
    assert.deepEqual(pick(await ask(store, 'rejected'), 'image', 'next'), [[`${REPOSITORY}:latest`, 'other image']])
  })

  it('lists no warning, audit, dry run or admitted image', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.admission(image('warned'), {verdict: 'failed', mode: 'warn'})
    await writer.admission(image('audited'), {verdict: 'failed', mode: 'audit'})
    await writer.admission(image('dry'), {verdict: 'failed', dry_run: true})
    await writer.admission(image('good'))
    assert.deepEqual((await ask(store, 'rejected')).answer.rows, [])
  })

  it('lists what a controller tries again and again once, with the first time and the last', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    const tries = []
    for (let at = 0; at < 3; at += 1) tries.push((await writer.admission(image('bad'), {verdict: 'failed', reasons: ['signature.missing']})).record.time)
    await writer.admission(image('bad'), {verdict: 'failed', reasons: ['signature.missing'], user: 'jo'})
    await writer.admission(image('bad'), {verdict: 'failed', reasons: ['signature.missing'], namespace: 'other'})
    assert.deepEqual(pick(await ask(store, 'rejected'), 'times', 'first_refused_at', 'refused_at', 'namespace', 'requested_by').slice(0, 1), [
      [3, tries[0], tries[2], 'patient-api', 'system:serviceaccount:kube-system:replicaset-controller'],
    ])
    assert.deepEqual(pick(await ask(store, 'rejected'), 'times'), [[3], [1], [1]])
  })

  it('lists no image that an exemption let in', async () => {
    const store = memoryStore()
    await new EvidenceWriter(store).admission(image('bad'), {verdict: 'failed', exemption: hex('exemption')})
    assert.deepEqual((await ask(store, 'rejected')).answer.rows, [])
    assert.deepEqual(pick(await ask(store, 'deployments'), 'image', 'source'), [[image('bad'), 'admission']])
  })

  it('is known by its alias', async () => {
    const store = memoryStore()
    await new EvidenceWriter(store).admission(image('bad'), {verdict: 'failed'})
    const {answer} = await ask(store, 'admission-denied')
    assert.equal(answer.ipe.query, 'rejected')
  })
})
