import assert from 'node:assert/strict'
import {createRecorder, noRecorder} from '../../../../src/lib/actions/evidence/record-evidence.ts'
import {UNNAMED_SYSTEM} from '../../../../src/lib/config/schema.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {checkChains} from '../../../../src/lib/evidence/chain.ts'
import {linkOf} from '../../../../src/lib/evidence/chain-link.ts'
import {blobKey, parseRecordKey, RECORDS} from '../../../../src/lib/evidence/key.ts'
import {openRecord, sha256Hex} from '../../../../src/lib/evidence/record.ts'
import {newRunState, type RunState} from '../../../../src/lib/evidence/run-state.ts'
import type {EvidenceStore, RecordInput, RunPosition} from '../../../../src/lib/ports/evidence-store.ts'
import {implicitRun} from '../../../../src/lib/stores/implicit-run.ts'
import {memoryStore, type MemoryStore} from '../../../fakes/memory-store.ts'
import {FACTS, recorderParts} from '../../../fakes/recorder-parts.ts'
import {allOf} from '../../../all-of.ts'

const TEST: RecordInput = {stream: 'test', outcome: 'pass', detail: {name: 'unit', passed: 1, failed: 0, skipped: 0}}
const START: RecordInput = {stream: 'run', outcome: 'pass', detail: {phase: 'start', expected: ['test']}}
const END: RecordInput = {stream: 'run', outcome: 'pass', detail: {phase: 'end', expected: [], jobs: [], missing: []}}
const RUNID = '01JGFJJZ00ABCDEFGHJKMNPQRS'

/** A position in memory whose every saved state a test can see. */
function watched(seq: number): RunPosition & {readonly saved: RunState[]} {
  const saved = [newRunState({runid: RUNID, job: 'build', seq})]
  const now = () => saved.at(-1) ?? assert.fail()
  return {name: 'run.json', durable: true, saved, read: async () => now(), exclusively: (work) => work(now(), async (state) => void saved.push(state))}
}

/** Refuses puts of records while `full`. */
function failing(store: MemoryStore): EvidenceStore & {full: boolean} {
  return {
    ...store,
    full: true,
    async put(key, bytes) {
      if (this.full && key.startsWith(RECORDS)) throw new AppError('store.unreachable', 'no space left')
      return store.put(key, bytes)
    },
  }
}

async function findings(store: EvidenceStore): Promise<unknown[]> {
  const keys = await allOf(store.list(RECORDS))
  const links = await Promise.all(
    keys.map(async (key) => {
      const bytes = (await store.get(key)) ?? assert.fail(key)
      assert.equal(parseRecordKey(key)?.sha256, sha256Hex(bytes))
      return linkOf(openRecord(bytes), key, sha256Hex(bytes))
    }),
  )
  return checkChains(links)
}

/** Nothing is put, and the run file does not move. */
async function refused(inputs: readonly RecordInput[], expected: object, seq = 0): Promise<void> {
  const parts = recorderParts()
  const position = watched(seq)
  await assert.rejects(createRecorder({...parts, position}).writeAll(inputs), expected)
  assert.deepEqual(await allOf(parts.store.list('')), [])
  assert.equal(position.saved.length, 1)
}

describe('the recorder', () => {
  it('fills in everything that the caller does not know', async () => {
    const parts = recorderParts({now: () => new Date('2026-01-02T03:04:05.678Z')})
    const {record, key, sha256, id} = await createRecorder({...parts, position: implicitRun(RUNID, 'main')}).write(TEST)
    assert.deepEqual(record, {
      specversion: '1.0',
      id,
      time: '2026-01-02T03:04:05.678Z',
      type: 'hipaa-ci.test.v1',
      source: FACTS.source,
      subject: `urn:hipaa-ci:run:${RUNID}`,
      datacontenttype: 'application/json',
      dataschema: 'urn:hipaa-ci:schema:evidence:1',
      stream: 'test',
      runid: RUNID,
      job: 'main',
      seq: 1,
      toolversion: 'hipaa-ci/0.1.0',
      data: {
        system: 'patient-api',
        environment: 'build',
        outcome: 'pass',
        actor: FACTS.actor,
        change: FACTS.change,
        tools: [],
        blobs: [],
        redaction: {rules: 86, count: 0},
        detail: TEST.detail,
      },
    })
    const bytes = (await parts.store.get(key)) ?? assert.fail()
    assert.equal(sha256Hex(bytes), sha256)
    assert.deepEqual(openRecord(bytes), record)
  })

  it('chains record to record, from 1, by the digest of the stored bytes', async () => {
    const recorder = createRecorder({...recorderParts(), position: implicitRun(RUNID, 'main')})
    const [first, second] = [await recorder.write(TEST), await recorder.write(TEST)]
    assert.equal(first.record.prevsha256, undefined)
    assert.deepEqual([second.record.seq, second.record.prevsha256], [2, first.sha256])
  })

  it("begins a run at 0, and its job's first record points there", async () => {
    const parts = recorderParts()
    const recorder = createRecorder({...parts, position: watched(-1)})
    const start = await recorder.write(START)
    const first = await recorder.write(TEST)
    assert.deepEqual([start.record.seq, start.record.prevsha256, first.record.seq, first.record.prevsha256], [0, undefined, 1, start.sha256])
  })

  it('keeps order and chain for writes that are not waited for', async () => {
    const parts = recorderParts()
    const recorder = createRecorder({...parts, position: implicitRun(RUNID, 'main')})
    const written = await Promise.all(Array.from({length: 30}, () => recorder.write(TEST)))
    assert.deepEqual(new Set(written.map(({record}) => record.seq)).size, 30)
    assert.deepEqual(await findings(parts.store), [])
  })

  it('puts blobs before the record that names them, the same bytes once', async () => {
    const puts: string[] = []
    const store = memoryStore()
    const spy: EvidenceStore = {...store, put: async (key, bytes) => (puts.push(key), store.put(key, bytes))}
    const blob = {name: 'log.txt', mediaType: 'text/plain', bytes: Buffer.from('all is well')}
    const recorder = createRecorder({...recorderParts({store: spy}), position: implicitRun(RUNID, 'main')})
    const [{key, record} = assert.fail()] = await recorder.writeAll([
      {...TEST, blobs: [blob]},
      {...TEST, blobs: [blob]},
    ])
    assert.deepEqual(puts.slice(0, 2), [blobKey(sha256Hex(blob.bytes)), key])
    assert.equal(puts.length, 3)
    await recorder.write({...TEST, blobs: [blob]})
    assert.equal(puts.length, 4, 'what the store has acknowledged is not put again')
    assert.deepEqual(record.data.blobs, [{name: 'log.txt', media_type: 'text/plain', sha256: sha256Hex(blob.bytes), size: 11}])
  })

  it('notes the exact bytes before the put, and advances after it', async () => {
    const position = watched(0)
    const {key, sha256} = await createRecorder({...recorderParts(), position}).write(TEST)
    const [before, pending, after] = position.saved
    assert.deepEqual([before?.seq, before?.pending, pending?.seq], [0, [], 0])
    assert.deepEqual(
      pending?.pending.map((one) => [one.key, sha256Hex(Buffer.from(one.bytes, 'base64'))]),
      [[key, sha256]],
    )
    assert.deepEqual([after?.seq, after?.last, after?.pending, after?.emitted.length], [1, sha256, [], 1])
  })

  it('carries the policy of a gate into the run file, for the provenance', async () => {
    const position = watched(0)
    const policy = 'b'.repeat(64)
    await createRecorder({...recorderParts(), position}).write({
      stream: 'gate',
      outcome: 'fail',
      detail: {policy, counts: {}, decision: 'fail', reasons: [], waivers: [], scans: []},
    })
    const [entry] = position.saved.at(-1)?.emitted ?? []
    assert.deepEqual([entry?.stream, entry?.outcome, entry?.policy], ['gate', 'fail', policy])
  })

  describe('where the store fails', () => {
    it('keeps what was about to be written, puts it first the next time, and forks nothing', async () => {
      const memory = memoryStore()
      const store = failing(memory)
      const position = watched(0)
      const recorder = createRecorder({...recorderParts({store}), position})
      await assert.rejects(recorder.write(TEST), {
        code: 'store.unreachable',
        message: 'no space left; the record waits in run.json, and the next command of the run writes it',
      })
      await assert.rejects(recorder.write(TEST), {code: 'store.unreachable'})
      assert.equal(position.saved.at(-1)?.pending.length, 1)
      store.full = false
      const {record} = await recorder.write(TEST)
      assert.equal(record.seq, 2)
      assert.equal((await allOf(memory.list(RECORDS))).length, 2)
      assert.deepEqual(await findings(memory), [{code: 'chain.gap', key: (await allOf(memory.list(RECORDS)))[0], message: ''}].slice(1))
    })

    for (const [durable, words] of [
      [true, 'it is full; 150 of 300 records are in the store, 106 wait in run.json for the next command of the run, 44 were not written'],
      [false, 'it is full; 150 of 300 records are in the store, 150 were not written'],
    ] as const)
      it(`says what became of many (${durable ? 'run file' : 'implicit run'})`, async () => {
        const memory = memoryStore()
        let room = 150
        const store: EvidenceStore = {
          ...memory,
          async put(key, bytes) {
            if (room === 0) throw new AppError('store.unreachable', 'it is full')
            room -= 1
            return memory.put(key, bytes)
          },
        }
        const position = {...watched(0), durable}
        const recorder = createRecorder({...recorderParts({store}), position})
        await assert.rejects(recorder.writeAll(Array.from({length: 300}, () => TEST)), {code: 'store.unreachable', message: words})
        room = 1000
        assert.equal((await recorder.write(TEST)).record.seq, 257)
        assert.deepEqual(await findings(memory), [])
      })

    it('that failed after all, puts the same bytes again', async () => {
      const memory = memoryStore()
      let lost = true
      const store: EvidenceStore = {
        ...memory,
        async put(key, bytes) {
          const answer = await memory.put(key, bytes)
          if (lost && key.startsWith(RECORDS)) throw new AppError('store.unreachable', 'the answer was lost')
          return answer
        },
      }
      const recorder = createRecorder({...recorderParts({store}), position: watched(0)})
      await assert.rejects(recorder.write(TEST), {code: 'store.unreachable'})
      lost = false
      assert.equal((await recorder.write(TEST)).record.seq, 2)
      assert.equal((await allOf(memory.list(RECORDS))).length, 2)
    })
  })

  describe('writes nothing', () => {
    const bad: RecordInput = {...TEST, detail: {name: 'unit', passed: -1, failed: 0, skipped: 0}}

    it('of many where one does not fit, and names every fault', () =>
      refused([TEST, bad, {...TEST, blobs: [{name: 'a', mediaType: 'text/plain', bytes: Buffer.from('x')}]}, {...TEST, environment: 'not a code'}], {
        code: 'record.invalid',
        message: /^2 of 4 records cannot be written, so none was:\nrecord 2: .*passed.*\nrecord 4: .*environment/,
      }))

    it('that is too large for a record', () =>
      refused([{stream: 'custom', outcome: 'pass', detail: {schema: 'a'.repeat(64), name: 'x', value: 'word '.repeat(20_000)}}], {
        code: 'record.invalid',
        message: /at most 65536 are kept/,
      }))

    it('with two blobs of one name', () => {
      const blob = {name: 'a', mediaType: 'text/plain', bytes: Buffer.from('x')}
      return refused([{...TEST, blobs: [blob, blob]}], {code: 'record.invalid', message: 'two blobs are called a'})
    })

    it('into a run that never started', () => refused([TEST], {code: 'run.invalid'}, -1))

    it('that would start a run twice', () => refused([START], {code: 'run.invalid'}, 0))

    it("under no system's name", async () => {
      const parts = recorderParts({system: UNNAMED_SYSTEM})
      await assert.rejects(createRecorder({...parts, position: watched(0)}).write(TEST), {code: 'config.missing'})
    })

    it('after the end of the run', async () => {
      const recorder = createRecorder({...recorderParts(), position: watched(0)})
      await recorder.write(END)
      await assert.rejects(recorder.write(TEST), {code: 'run.invalid', message: /has ended/})
    })

    it('under --no-record, and does not pretend', async () => {
      assert.equal(noRecorder.enabled, false)
      await assert.rejects(noRecorder.write(TEST), {code: 'bug'})
      await assert.rejects(noRecorder.writeAll([TEST]), {code: 'bug'})
    })
  })
})
