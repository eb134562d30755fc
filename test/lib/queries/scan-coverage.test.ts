import assert from 'node:assert/strict'
import {digestOf, EvidenceWriter, image} from '../../fakes/evidence-writer.ts'
import {memoryStore} from '../../fakes/memory-store.ts'
import {ask, pick} from './ask.ts'

describe('scan-coverage', () => {
  it('says of each deployment what was known before it', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.scan(image('old-scan'))
    const {record: scan} = await writer.scan(image('good'))
    await writer.scan(image('good'), {kind: 'secret'})
    const {record: gate} = await writer.gate(image('good'), 'pass')
    await writer.deployment(image('good'), {workload: 'good'})
    await writer.gate(image('good'), 'fail')
    await writer.scan(image('half'), {unscanned: 2})
    await writer.deployment(image('half'), {workload: 'half'})
    await writer.scan(image('crashed'), {outcome: 'error'})
    await writer.deployment(image('crashed'), {workload: 'crashed'})
    await writer.deployment(image('late'), {workload: 'late'})
    await writer.scan(image('late'))
    await writer.scan(image('secrets-only'), {kind: 'secret'})
    await writer.deployment(image('secrets-only'), {workload: 'secrets-only'})
    await writer.deployment(image('never'), {workload: 'never'})
    const result = await ask(store, 'scan-coverage')
    assert.deepEqual(pick(result, 'workload', 'state', 'gate'), [
      ['good', 'scanned', 'pass'],
      ['half', 'incomplete', null],
      ['crashed', 'incomplete', null],
      ['late', 'scanned-later', null],
      ['secrets-only', 'not-scanned', null],
      ['never', 'not-scanned', null],
    ])
    assert.deepEqual(pick(result, 'scanner', 'database', 'scan_record', 'gate_record', 'critical')[0], [
      'trivy 0.74.0',
      '2026-03-01T00:00:00.000Z',
      scan.id,
      gate.id,
      0,
    ])
    assert.notEqual(pick(result, 'secret_scan_at')[0]?.[0], null)
    assert.equal(result.exitCode, 0)
  })

  it('finds the scan of an index for a platform of it', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.write(
      'scan',
      {kind: 'vulnerability', mode: 'image', counts: {}, platforms: [{platform: 'linux/arm64', digest: digestOf('arm64')}], unscanned: []},
      {subject: image('index')},
    )
    await writer.gate(image('index'), 'pass')
    await writer.deployment(image('arm64'))
    assert.deepEqual(pick(await ask(store, 'scan-coverage'), 'state', 'gate'), [['scanned', 'pass']])
  })
})
