/** The ordinary recorder over the write-ahead log. */
import assert from 'node:assert/strict'
import type {FileHandle} from 'node:fs/promises'
import {join} from 'node:path'
import {beginServerRun, type ServerRun} from '../../../../src/lib/actions/admission/begin-server-run.ts'
import {createRecorder} from '../../../../src/lib/actions/evidence/record-evidence.ts'
import {verifyEvidence} from '../../../../src/lib/actions/evidence/verify-evidence.ts'
import {openAdmissionLog, type LogSeams} from '../../../../src/lib/admission-log/open-log.ts'
import {parseBlobKey} from '../../../../src/lib/evidence/key.ts'
import {openRecord} from '../../../../src/lib/evidence/record.ts'
import type {EvidenceRecord} from '../../../../src/lib/evidence/schema.ts'
import type {AdmissionLog} from '../../../../src/lib/ports/admission-log.ts'
import type {RecordInput, RunPosition} from '../../../../src/lib/ports/evidence-store.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {recorderParts} from '../../../fakes/recorder-parts.ts'
import {scratch} from '../../../scratch.ts'

const JOB = 'admission/test/replica-0'

/** All of them with the same blob, as verdicts have their policy. */
function verdict(name: string): RecordInput<'test'> {
  return {
    stream: 'test',
    outcome: 'pass',
    detail: {name, passed: 1, failed: 0, skipped: 0},
    blobs: [{name: 'policy', mediaType: 'text/plain', bytes: Buffer.from('synthetic policy')}],
  }
}

describe('a run in the write-ahead log', () => {
  const folder = scratch()
  const opened: AdmissionLog[] = []
  let broken = false
  let syncs = 0

  const sync = async (file: FileHandle) => {
    if (broken) throw Object.assign(new Error('io'), {code: 'EIO'})
    syncs += 1
    await file.datasync()
  }
  const open = async (seams: Partial<LogSeams> = {}, bytes = 256 * 1024 * 1024) => {
    const log = await openAdmissionLog(join(folder(), 'wal'), {bytes, age: 3_600_000}, {sync, lockWait: 100, ...seams})
    opened.push(log)
    return log
  }
  const parts = recorderParts()
  const context = quietContext({
    newId: parts.newId,
    recorder: async (position, into) => createRecorder({...parts, store: into ?? assert.fail(), position: position ?? assert.fail()}),
  })
  const begin = (log: AdmissionLog): Promise<ServerRun> => beginServerRun(log, {job: JOB}, context)
  /** What a shipper would bring, and how it verifies. */
  const shippedStore = async (log: AdmissionLog) => {
    const store = memoryStore({now: () => new Date()})
    const arrived: string[] = []
    for await (const {key, bytes} of log.waiting()) {
      arrived.push(key)
      await store.put(key, bytes)
    }
    const {findings} = await verifyEvidence({blobs: true}, quietContext({store: async () => store, now: () => new Date()}))
    const records: EvidenceRecord[] = [...store.objects].flatMap(([key, bytes]) => (parseBlobKey(key) === undefined ? [openRecord(bytes)] : []))
    return {arrived, records, codes: findings.map(({code}) => code)}
  }

  beforeEach(() => {
    broken = false
  })
  afterEach(async () => {
    for (const log of opened.splice(0)) await log.close()
  })

  it('begins, takes records with their blobs before them, and ends; then it takes nothing more', async () => {
    const log = await open()
    const run = await begin(log)
    assert.deepEqual([run.previous, await run.recorder.runId(), log.run], [undefined, run.runid, run.runid])
    await run.recorder.writeAll([verdict('a'), verdict('b')])
    await run.recorder.write(verdict('c'))
    await run.end()
    await assert.rejects(run.recorder.write(verdict('d')), {code: 'run.invalid'})
    const {arrived, records, codes} = await shippedStore(log)
    assert.deepEqual(
      arrived.map((key) => key.split('/')[2]),
      ['run', parseBlobKey(arrived[1] ?? '')?.slice(0, 2), 'test', 'test', 'test', 'run'],
    )
    assert.deepEqual([codes, records.length, new Set(records.map(({job}) => job))], [[], 5, new Set([JOB])])
  })

  it('fifty at a time do not wait for fifty flushes, and stand in one chain', async () => {
    const log = await open()
    const run = await begin(log)
    await run.recorder.write(verdict('first'))
    const before = syncs
    const written = await Promise.all(Array.from({length: 50}, async (_, index) => run.recorder.writeAll([verdict(`${index} a`), verdict(`${index} b`)])))
    assert.ok(syncs - before <= 5, `${syncs - before} flushes`)
    await run.end()
    const {records, codes} = await shippedStore(log)
    const there = new Set(records.map(({id}) => id))
    assert.deepEqual([codes, written.flat().filter(({id}) => !there.has(id))], [[], []])
  })

  it('a disk that fails now and then under load: who got an error is not there, all others are, and the chain is whole', async () => {
    const log = await open()
    const run = await begin(log)
    const there: string[] = []
    let refused = 0
    for (let round = 0; round < 40; round++) {
      const writes = Array.from({length: 8}, async (_, index) => {
        // Not all at the same moment.
        for (let turn = 0; turn < (index * round) % 7; turn++) await new Promise(setImmediate)
        if (index === 3) broken = round % 2 === 0
        return run.recorder.writeAll([verdict(`${round} ${index}`), verdict(`${round} ${index} more`)])
      })
      for (const result of await Promise.allSettled(writes)) {
        if (result.status === 'fulfilled') there.push(...result.value.map(({id}) => id))
        else {
          refused += 1
          const {code, message} = result.reason as {code: string; message: string}
          assert.deepEqual([code, message.includes('in the store')], ['admission.log-unusable', false])
        }
      }
      broken = false
    }
    await run.end()
    const {records, codes} = await shippedStore(log)
    assert.deepEqual(codes, [])
    assert.deepEqual(
      records
        .filter(({stream}) => stream === 'test')
        .map(({id}) => id)
        .toSorted(),
      there.toSorted(),
    )
    assert.ok(refused > 10 && there.length > 100, `${refused} refused, ${there.length} there`)
  })

  it('a log that is full refuses by that name, and takes again later', async () => {
    const log = await open({}, 6000)
    const run = await begin(log)
    const refusals = await Promise.allSettled(Array.from({length: 30}, async (_, index) => run.recorder.write(verdict(`${index}`))))
    for (const result of refusals) if (result.status === 'rejected') assert.equal((result.reason as {code: string}).code, 'admission.log-full')
    assert.ok(refusals.some(({status}) => status === 'rejected'))
    for await (const object of log.waiting()) await log.shipped(object)
    await run.recorder.write(verdict('later'))
    assert.equal(log.state().objects, 1)
  })

  it('each boot names the one before, and ends it where it was killed', async () => {
    const first = await begin(await open())
    await first.recorder.write(verdict('a'))
    await opened.at(-1)?.close()
    const second = await begin(await open())
    await second.end()
    await opened.at(-1)?.close()
    const log = await open()
    const third = await begin(log)
    await third.end()
    assert.deepEqual([second.previous, third.previous], [first.runid, second.runid])
    const {records, codes} = await shippedStore(log)
    assert.deepEqual(codes, [])
    const previous = records.flatMap(({runid, data: {detail}}) => ('phase' in detail && detail.phase === 'start' ? [[runid, detail.previous]] : []))
    assert.deepEqual(
      new Map(previous as [string, string | undefined][]),
      new Map([
        [first.runid, undefined],
        [second.runid, first.runid],
        [third.runid, second.runid],
      ]),
    )
  })

  it('names and ends the one before also where all of it was shipped and removed', async () => {
    const log = await open({segmentBytes: 300})
    const run = await begin(log)
    for (const name of ['a', 'b', 'c']) await run.recorder.write(verdict(name))
    const store = memoryStore({now: () => new Date()})
    const ship = async (from: AdmissionLog) => {
      for await (const object of from.waiting()) {
        await store.put(object.key, object.bytes)
        await from.shipped(object)
      }
    }
    await ship(log)
    await log.close()
    const again = await open()
    const next = await begin(again)
    await next.end()
    await ship(again)
    assert.equal(next.previous, run.runid)
    const {findings} = await verifyEvidence({blobs: true}, quietContext({store: async () => store, now: () => new Date()}))
    assert.deepEqual(findings, [])
  })

  it('does not grow: of a thousand records its state keeps one', async () => {
    const log = await open()
    const positions: RunPosition[] = []
    const run = await beginServerRun(
      log,
      {job: JOB},
      {
        newId: parts.newId,
        recorder: async (position, into) => {
          positions.push(position ?? assert.fail())
          return context.recorder(position, into)
        },
      },
    )
    for (let round = 0; round < 10; round++) await run.recorder.writeAll(Array.from({length: 100}, (_, index) => verdict(`${round} ${index}`)))
    const state = await positions[0]?.read()
    assert.deepEqual([state?.seq, state?.emitted.length, state?.pending], [1000, 1, []])
  })
})
