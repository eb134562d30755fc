import assert from 'node:assert/strict'
import {EvidenceWriter, image} from '../../fakes/evidence-writer.ts'
import {memoryStore} from '../../fakes/memory-store.ts'
import {ask, gapCodes, pick} from './ask.ts'

describe('run', () => {
  it('lists everything that the run recorded, and nothing else', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    const run = writer.run('build')
    await writer.start(run)
    const scan = writer.jobOf(run, 'scan')
    await writer.sbom(image('v1'), [], {run})
    await writer.gate(image('v1'), 'fail', {run: scan})
    await writer.end(run, [run, scan])
    await writer.gate(image('v1'), 'pass')
    const result = await ask(store, 'run', {run: run.runid})
    assert.deepEqual(pick(result, 'job', 'seq', 'stream', 'decision', 'missing_before'), [
      ['build', 0, 'run', null, 0],
      ['build', 1, 'sbom', null, 0],
      ['scan', 1, 'gate', 'fail', 0],
      ['build', 2, 'run', null, 0],
    ])
    assert.equal(result.exitCode, 0)
  })

  it('shows where records are missing', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    const run = writer.run()
    await writer.start(run)
    await writer.gate(image('v1'), 'pass', {run})
    writer.seal('gate', (await writer.gate(image('v1'), 'pass')).record.data.detail as never, {run})
    writer.seal('gate', (await writer.gate(image('v1'), 'pass')).record.data.detail as never, {run})
    await writer.gate(image('v1'), 'pass', {run})
    await writer.end(run)
    const result = await ask(store, 'run', {run: run.runid})
    assert.deepEqual(pick(result, 'seq', 'missing_before'), [
      [0, 0],
      [1, 0],
      [4, 2],
      [5, 0],
    ])
    assert.deepEqual(gapCodes(result), ['chain.gap', 'run.count'])
    assert.equal(result.exitCode, 6)
  })

  it('does not know a run that left nothing', async () => {
    const store = memoryStore()
    await new EvidenceWriter(store).gate(image('v1'), 'pass')
    const result = await ask(store, 'run', {run: '01JZ8Q4X5T7V9W2Y3A4B5C6D7E'})
    assert.deepEqual(gapCodes(result), ['record.not-found'])
    assert.equal(result.exitCode, 6)
  })

  it('must be told which', async () => {
    await assert.rejects(ask(memoryStore(), 'run'), {code: 'usage.query', message: 'run needs --run'})
  })
})
