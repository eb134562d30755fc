import assert from 'node:assert/strict'
import {EvidenceWriter, hex, image} from '../../fakes/evidence-writer.ts'
import {memoryStore} from '../../fakes/memory-store.ts'
import {ask, pick} from './ask.ts'

/** Every way in which a deployment can be signed or not. */
async function story() {
  const store = memoryStore()
  const writer = new EvidenceWriter(store)
  await writer.signature(image('good'))
  await writer.verification(image('good'), 'verified')
  await writer.deployment(image('good'))
  // Signed, which alone is nobody's verification.
  await writer.signature(image('only-signed'))
  await writer.deployment(image('only-signed'))
  await writer.verification(image('turned-bad'), 'verified')
  await writer.verification(image('turned-bad'), 'failed', {reason: 'signature.key-compromised'})
  await writer.deployment(image('turned-bad'))
  await writer.verification(image('outage'), 'verified')
  await writer.verification(image('outage'), 'could-not-check', {reason: 'registry.unreachable'})
  await writer.deployment(image('outage'))
  await writer.verification(image('staging-only'), 'verified', {environment: 'staging'})
  await writer.deployment(image('staging-only'))
  await writer.verification(image('elsewhere', 'registry.example/other/api'), 'verified')
  await writer.deployment(image('elsewhere'))
  await writer.verification(image('back-dated'), 'verified', {asOf: '2024-01-01T00:00:00.000Z'})
  await writer.deployment(image('back-dated'))
  await writer.deployment(image('late'))
  await writer.verification(image('late'), 'verified')
  await writer.admission(image('admitted'))
  await writer.admission(image('warned'), {mode: 'warn', verdict: 'missing', signatures_tried: []})
  await writer.admission('registry.example/prod/patient-api:latest', {mode: 'warn', verdict: 'failed', reasons: ['policy.tag']})
  // Not in production.
  await writer.deployment(image('elsewhere-env'), {environment: 'staging'})
  return store
}

describe('signed-images and unsigned-in-production', () => {
  it('lists what was verified before it was deployed, and only that', async () => {
    const result = await ask(await story(), 'signed-images', {environment: 'production', to: '2026-03-02T08:30:00Z'})
    assert.deepEqual(pick(result, 'image', 'checked_by', 'verdict', 'signer'), [
      [image('good'), 'verification', 'verified', `sha256:${hex('key')}`],
      [image('outage'), 'verification', 'verified', null],
      [image('admitted'), 'admission', 'verified', null],
    ])
    assert.equal(result.exitCode, 0)
  })

  it('lists the rest as exceptions, each with its reason', async () => {
    const result = await ask(await story(), 'unsigned-in-production')
    assert.deepEqual(pick(result, 'image', 'reason'), [
      [image('only-signed'), 'never-checked'],
      [image('turned-bad'), 'failed signature.key-compromised'],
      [image('staging-only'), 'other-environment'],
      [image('elsewhere'), 'never-checked'],
      [image('back-dated'), 'never-checked'],
      [image('late'), 'checked-later'],
      [image('warned'), 'missing signature.missing'],
      ['registry.example/prod/patient-api:latest', 'no-digest'],
    ])
    assert.equal(result.exitCode, 1)
  })

  it('together list every deployment of the environment once', async () => {
    const store = await story()
    const both = [await ask(store, 'signed-images', {environment: 'production'}), await ask(store, 'unsigned-in-production')].flatMap((result) =>
      pick(result, 'deployment_record'),
    )
    const all = pick(await ask(store, 'deployments', {environment: 'production'}), 'record')
    assert.deepEqual(both.flat().toSorted(), all.flat().toSorted())
  })

  it('finds no exception where there is none, and says 0', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.verification(image('good'), 'verified')
    await writer.deployment(image('good'))
    assert.equal((await ask(store, 'unsigned-in-production')).exitCode, 0)
  })
})
