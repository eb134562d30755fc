import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import {sealRecord} from '../../../src/lib/evidence/record.ts'
import {acknowledged, isEnded, JobName, jobName, newRunState, parseRunState, withPending} from '../../../src/lib/evidence/run-state.ts'
import {EvidenceWriter, hex} from '../../fakes/evidence-writer.ts'
import {memoryStore} from '../../fakes/memory-store.ts'

describe('the state of a run', () => {
  const writer = new EvidenceWriter(memoryStore())
  const run = writer.run()
  const start = writer.seal('run', {phase: 'start', expected: []}, {run})
  const gate = writer.seal('gate', {policy: hex('p'), counts: {}, decision: 'fail', reasons: [], waivers: [], scans: []}, {run, outcome: 'fail'})
  const end = writer.seal('run', {phase: 'end', expected: [], jobs: [], missing: []}, {run})
  const fresh = newRunState({runid: run.runid, job: 'main', seq: -1})

  it('moves on by what was pending, and keeps the digest of the start', () => {
    const started = acknowledged(withPending(fresh, [start]))
    assert.deepEqual([started.seq, started.last, started.start, started.pending], [0, start.sha256, start.sha256, []])
    const after = acknowledged(withPending(started, [gate]))
    assert.deepEqual([after.seq, after.last, after.start], [1, gate.sha256, start.sha256])
    assert.deepEqual(
      after.emitted.map(({stream, outcome, policy}) => [stream, outcome, policy]),
      [
        ['run', 'pass', undefined],
        ['gate', 'fail', hex('p')],
      ],
    )
    assert.equal(acknowledged(after), after)
  })

  it('survives its file', () => {
    const pending = withPending(acknowledged(withPending(fresh, [start])), [gate])
    assert.deepEqual(parseRunState(JSON.stringify(pending), 'run.json'), pending)
    assert.deepEqual(Buffer.from(pending.pending[0]?.bytes ?? '', 'base64'), Buffer.from(gate.bytes))
  })

  it('knows when it has ended', () => {
    const started = acknowledged(withPending(fresh, [start]))
    assert.deepEqual([isEnded(fresh), isEnded(started), isEnded(acknowledged(withPending(started, [gate, end])))], [false, false, true])
  })

  it('says where a file is none of its own', () => {
    assert.throws(() => parseRunState('', 'run.json'), {code: 'run.invalid', message: 'run.json is not a run file: it holds no JSON'})
    assert.throws(() => parseRunState('7', 'run.json'), {code: 'run.invalid', message: /^run\.json is not a run file: \(top\): /})
    assert.throws(() => parseRunState(JSON.stringify({...fresh, runid: 'x'}), 'run.json'), {code: 'run.invalid', message: /runid: must be a ULID/})
  })

  it("takes any job's name as one that fits", () => {
    assert.deepEqual(
      [undefined, '', '   ', 'build', 'Build & Test (node 24, x64)', '-x-', 'a/b_c+d', '#2'].map((name) => jobName(name)),
      ['main', 'main', 'main', 'build', 'Build-Test-node-24-x64', 'x', 'a/b_c+d', '2'],
    )
    fc.assert(fc.property(fc.string({unit: 'binary', maxLength: 200}), (name) => JobName.safeParse(jobName(name)).success))
  })
})

describe('a record as bytes', () => {
  it('is the same for the same content', () => {
    const make = () => new EvidenceWriter(memoryStore()).seal('test', {name: 'x', passed: 1, failed: 0, skipped: 0})
    const [a, b] = [make(), make()]
    assert.deepEqual(a.record, sealRecord(a.record).record)
    assert.equal(sealRecord(a.record).sha256, a.sha256)
    assert.equal(a.record.stream, b.record.stream)
  })
})
