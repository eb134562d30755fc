import assert from 'node:assert/strict'
import {digestOf, EvidenceWriter, image, REPOSITORY} from '../../fakes/evidence-writer.ts'
import {memoryStore} from '../../fakes/memory-store.ts'
import {ask, pick} from './ask.ts'

describe('deployments', () => {
  it('lists deployment records with who, for what, and what ran before', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    const change = {commit: 'a'.repeat(40), ticket: 'CHG-1', authors: [{id: 'ann', issuer: 'forge.example', basis: 'claimed' as const}]}
    const actor = {workload: {id: 'repo:example/patient-api', issuer: 'https://tokens.example', basis: 'token' as const}}
    await writer.deployment(image('v1'))
    await writer.deployment(image('v2'), {change, actor})
    await writer.deployment(image('v1'), {rollback_of: digestOf('v2'), previous: digestOf('v2')})
    const result = await ask(store, 'deployments')
    assert.deepEqual(pick(result, 'image', 'previous', 'rollback_of', 'deployed_by', 'basis', 'commit', 'authors', 'ticket'), [
      [image('v1'), null, null, 'jo', 'claimed', null, null, null],
      [image('v2'), digestOf('v1'), null, 'repo:example/patient-api', 'token', 'a'.repeat(40), 'ann', 'CHG-1'],
      [image('v1'), digestOf('v2'), digestOf('v2'), 'jo', 'claimed', null, null, null],
    ])
  })

  it('takes an admission for a deployment where it let in another digest', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.admission(image('v1'))
    await writer.admission(image('v1'))
    await writer.admission(image('v2'))
    await writer.admission(image('v1'))
    await writer.admission(image('v1'), {cluster: 'prod-west'})
    const result = await ask(store, 'deployments')
    assert.deepEqual(pick(result, 'image', 'cluster', 'workload', 'source', 'basis'), [
      [image('v1'), 'prod-east', 'patient-api', 'admission', 'cluster'],
      [image('v2'), 'prod-east', 'patient-api', 'admission', 'cluster'],
      [image('v1'), 'prod-east', 'patient-api', 'admission', 'cluster'],
      [image('v1'), 'prod-west', 'patient-api', 'admission', 'cluster'],
    ])
  })

  it('takes no admission that let nothing in', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.admission(image('refused'), {verdict: 'failed'})
    await writer.admission(image('dry'), {dry_run: true})
    await writer.admission(image('audited'), {mode: 'audit'})
    await writer.admission(image('judged-offline'), {mode: 'offline'})
    // One pod, two images: the good one did not get in either.
    await writer.admission(image('beside-a-bad-one'), {uid: 'pod'})
    await writer.admission(image('bad-one'), {uid: 'pod', verdict: 'missing', path: 'spec.containers[1]'})
    assert.deepEqual((await ask(store, 'deployments')).answer.rows, [])
  })

  it('takes what a warning let in', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.admission(image('v1'), {mode: 'warn', verdict: 'failed'})
    assert.deepEqual(pick(await ask(store, 'deployments'), 'image', 'source'), [[image('v1'), 'admission']])
  })

  it('marks what was let in and never made, and leaves nothing out for that', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.deployment(image('by-hand'), {cluster: 'prod-east'})
    await writer.admission(image('v1'), {object_uid: 'u-1'})
    await writer.admission(image('v2'), {object_uid: 'u-2'})
    await writer.admission(image('v2'), {object_uid: 'u-2', cluster: 'prod-west'})
    const lost = {side: 'evidence', reason: 'reply-lost', what: 'patient-api/web', open: false, time: '2026-03-05T00:00:00Z', uid: 'u-2'}
    const window = {from: '2026-03-01T00:00:00.000Z', to: '2026-03-09T00:00:00.000Z'}
    await writer.write(
      'reconciliation',
      {source: 'audit-log', cluster: 'prod-east', window, both: 0, only_source: 0, only_evidence: 1, first: []},
      {blobs: {'differences.json': Buffer.from(JSON.stringify({differences: [lost, {...lost, reason: 'no-pod', uid: 'u-1'}]}))}},
    )
    const result = await ask(store, 'deployments')
    assert.deepEqual(pick(result, 'image', 'cluster', 'made'), [
      [image('by-hand'), 'prod-east', null],
      [image('v1'), 'prod-east', 'unknown'],
      [image('v2'), 'prod-east', 'no'],
      [image('v2'), 'prod-west', 'unknown'],
    ])
    assert.match(result.answer.ipe.does_not_prove.join(), /reconcile --audit-log/)
  })

  it('keeps to the period, the system, the environment and the namespace', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.deployment(image('too-early'), {at: '2026-03-04T23:59:59.999Z'})
    await writer.deployment(image('first'), {at: '2026-03-05T00:00:00.000Z'})
    await writer.deployment(image('last'), {at: '2026-03-06T23:59:59.999Z'})
    await writer.deployment(image('too-late'), {at: '2026-03-07T00:00:00.000Z'})
    await writer.deployment(image('other-system'), {at: '2026-03-05T00:00:01.000Z', system: 'billing'})
    await writer.deployment(image('other-environment'), {at: '2026-03-05T00:00:02.000Z', environment: 'staging'})
    await writer.deployment(image('other-namespace'), {at: '2026-03-05T00:00:03.000Z', namespace: 'tools'})
    const result = await ask(store, 'deployments', {
      from: '2026-03-05',
      to: '2026-03-06',
      system: 'patient-api',
      environment: 'production',
      namespace: 'patient-api',
    })
    assert.deepEqual(pick(result, 'image'), [[image('first')], [image('last')]])
    assert.deepEqual(result.answer.ipe.parameters, {
      from: '2026-03-05T00:00:00.000Z',
      to: '2026-03-07T00:00:00.000Z',
      system: 'patient-api',
      environment: 'production',
      namespace: 'patient-api',
    })
  })

  it('binds values: what looks like SQL is only a name', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    const name = "x' OR '1'='1"
    await writer.deployment(image('v1'))
    await writer.deployment(image('v2'), {namespace: name})
    assert.deepEqual(pick(await ask(store, 'deployments', {namespace: name}), 'image'), [[image('v2')]])
  })

  it('brings hostile names back as they were written', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    const names = [`'";--`, 'line\nbreak\r\ttab', '=HYPERLINK("http://x")', 'nul\u0000', '\u202eright-to-left', '🦊', 'ß', '%_', '$to', '{}', '\\u0041', '']
    for (const workload of names.filter((name) => name !== '')) await writer.deployment(image('v1'), {workload})
    const result = await ask(store, 'deployments')
    assert.deepEqual(
      pick(result, 'workload').flat(),
      names.filter((name) => name !== ''),
    )
  })

  it('marks half a surrogate pair, which is no character', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.deployment(image('v1'), {workload: 'half \ud800'})
    assert.deepEqual(pick(await ask(store, 'deployments'), 'workload'), [['half \uFFFD']])
  })

  it('shows a failed deployment, with the repository it was for', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.deployment(image('v1'), {outcome: 'fail'})
    assert.deepEqual(pick(await ask(store, 'deployments'), 'outcome', 'image'), [['fail', `${REPOSITORY}@${digestOf('v1')}`]])
  })
})
