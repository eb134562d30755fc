/** A server's day turns: nothing that was acknowledged is missing, nobody is refused for it, and each day is whole by itself. */
import assert from 'node:assert/strict'
import {join} from 'node:path'
import {beginServerRun, type ServerRun} from '../../../../src/lib/actions/admission/begin-server-run.ts'
import {beginStoredRun} from '../../../../src/lib/actions/admission/begin-stored-run.ts'
import {dailyRuns, turnDaily} from '../../../../src/lib/actions/admission/daily-runs.ts'
import {createRecorder} from '../../../../src/lib/actions/evidence/record-evidence.ts'
import {verifyEvidence} from '../../../../src/lib/actions/evidence/verify-evidence.ts'
import {openAdmissionLog} from '../../../../src/lib/admission-log/open-log.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {parseBlobKey, RECORDS} from '../../../../src/lib/evidence/key.ts'
import {openRecord} from '../../../../src/lib/evidence/record.ts'
import type {AdmissionLog} from '../../../../src/lib/ports/admission-log.ts'
import type {EvidenceStore} from '../../../../src/lib/ports/evidence-store.ts'
import {openFolderStore} from '../../../../src/lib/stores/folder.ts'
import {allOf} from '../../../all-of.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {recorderParts} from '../../../fakes/recorder-parts.ts'
import {testRecord} from '../../../fakes/spool-world.ts'
import {run as runProgram} from '../../../program.ts'
import {scratch} from '../../../scratch.ts'

const JOB = 'admission/test/replica-0'

/** What is wrong with the store, and its runs: id, the one before, how often it ended. */
async function seen(store: EvidenceStore) {
  const {findings} = await verifyEvidence({blobs: true}, quietContext({store: async () => store, now: () => new Date()}))
  const keys = await allOf(store.list(RECORDS))
  const records = (await Promise.all(keys.map(async (key) => store.get(key)))).flatMap((bytes) => (bytes === undefined ? [] : [openRecord(bytes)]))
  const starts = records.flatMap((record) => (record.stream === 'run' && record.data.detail.phase === 'start' ? [record] : []))
  const ends = records.flatMap((record) => (record.stream === 'run' && record.data.detail.phase === 'end' ? [record.runid] : []))
  return {
    codes: findings.map(({code}) => code),
    ids: new Set(records.map(({id}) => id)),
    runs: starts.map(({runid, data: {detail}}) => ({
      runid,
      previous: detail.phase === 'start' ? detail.previous : undefined,
      ends: ends.filter((id) => id === runid).length,
    })),
  }
}

describe('the days of a server with a log', () => {
  const folder = scratch()
  let log: AdmissionLog
  let broken = false
  const parts = recorderParts()
  const context = quietContext({
    newId: parts.newId,
    recorder: async (position, into) => createRecorder({...parts, store: into ?? assert.fail(), position: position ?? assert.fail()}),
  })
  const begin = async () => beginServerRun(log, {job: JOB}, context)
  const days = async (next: () => Promise<ServerRun> = begin) => dailyRuns(await begin(), {begin: next, beside: false})
  const shipped = async () => {
    const store = memoryStore({now: () => new Date()})
    for await (const {key, bytes} of log.waiting()) await store.put(key, bytes)
    return seen(store)
  }
  beforeEach(async () => {
    broken = false
    const sync = async () => {
      if (broken) throw Object.assign(new Error('io'), {code: 'EIO'})
    }
    log = await openAdmissionLog(join(folder(), 'wal'), {bytes: 256 * 1024 * 1024, age: 3_600_000}, {sync, lockWait: 100})
  })
  afterEach(async () => log.close())

  it('turns while many write: each record is in one of two runs that are both ended, and the second names the first', async () => {
    const runs = await days()
    const first = runs.runid()
    const writes: Promise<{id: string}>[] = []
    for (let at = 0; at < 60; at += 1) {
      writes.push(runs.recorder.write(testRecord(`${at}`)))
      if (at === 20) void runs.turn()
      if (at === 21) writes.push(runs.turn().then(async () => runs.recorder.write(testRecord('after'))))
      await new Promise(setImmediate)
    }
    const ids = (await Promise.all(writes)).map(({id}) => id)
    assert.equal(await runs.recorder.runId(), runs.runid())
    await runs.end()
    const {codes, ids: there, runs: found} = await shipped()
    assert.deepEqual([codes, ids.filter((id) => !there.has(id))], [[], []])
    assert.deepEqual(found, [
      {runid: first, previous: undefined, ends: 1},
      {runid: runs.runid(), previous: first, ends: 1},
    ])
    await assert.rejects(runs.recorder.write(testRecord('late')), {code: 'run.invalid'})
  })

  it('goes on in the same run where its end cannot be written, and turns at the next look', async () => {
    const runs = await days()
    const first = runs.runid()
    broken = true
    await assert.rejects(runs.turn(), {code: 'admission.log-unusable'})
    broken = false
    const {id} = await runs.recorder.write(testRecord('between'))
    assert.equal(runs.runid(), first)
    await runs.turn()
    await runs.end()
    const {codes, ids, runs: found} = await shipped()
    assert.deepEqual([codes, ids.has(id), found.map(({ends}) => ends)], [[], true, [1, 1]])
  })

  it('has whoever writes begin the next where that could not be begun, and refuses until it can', async () => {
    let full = true
    const runs = await days(async () => {
      if (full) throw new AppError('admission.log-full', 'no more can wait')
      return begin()
    })
    await assert.rejects(runs.turn(), {code: 'admission.log-full'})
    await assert.rejects(runs.recorder.write(testRecord('refused')), {code: 'admission.log-full'})
    full = false
    const written = await Promise.all(['a', 'b'].map(async (name) => runs.recorder.write(testRecord(name))))
    await runs.end()
    const {codes, ids, runs: found} = await shipped()
    assert.deepEqual([codes, written.every(({id}) => ids.has(id)), found.map(({ends}) => ends)], [[], true, [1, 1]])
  })

  for (let flush = 1; flush <= 4; flush += 1)
    it(`killed before flush ${flush} of the turn: the next boot ends what was open, and all that was acknowledged is there`, async () => {
      const address = join(folder(), 'store')
      const request = {folder: join(folder(), 'killed'), store: `folder:${address}`, count: 12, seed: 'day'}
      const killed = await runProgram('log-server', {...request, turn: flush})
      const next = await runProgram('log-server', {...request, count: 4, seed: 'next'})
      assert.deepEqual([next.code, next.stderr], [0, ''])
      const {codes, ids, runs} = await seen(openFolderStore(address))
      const acknowledged = [...`${killed.stdout}${next.stdout}`.matchAll(/^([0-9A-Z]{26})$/gm)].map(([, id]) => id ?? '')
      assert.ok(acknowledged.length >= 8, 'some were, before and after')
      assert.deepEqual([codes, acknowledged.filter((id) => !ids.has(id)), runs.filter(({ends}) => ends !== 1)], [[], [], []])
      for (const [at, {previous}] of runs.entries()) assert.equal(previous, runs[at - 1]?.runid)
    }).timeout(60_000)
})

describe('the days of a server that writes into the store', () => {
  it('nobody waits for the end of yesterday, and both are whole', async () => {
    const store = memoryStore({now: () => new Date()})
    let held: PromiseWithResolvers<void> | undefined
    let holds = (_key: string) => false
    const slow: EvidenceStore = {
      ...store,
      async put(key, bytes) {
        if (parseBlobKey(key) === undefined && holds(key)) await held?.promise
        return store.put(key, bytes)
      },
    }
    const parts = recorderParts({store: slow})
    const recorder = async (...[position, into]: Parameters<Parameters<typeof beginStoredRun>[1]['recorder']>) =>
      createRecorder({...parts, store: into ?? assert.fail(), position: position ?? assert.fail()})
    const begin = async (previous?: string) =>
      beginStoredRun({job: JOB, ...(previous !== undefined && {previous})}, {newId: parts.newId, now: () => new Date(), store: async () => slow, recorder})
    const runs = dailyRuns(await begin(), {begin, beside: true})
    const first = runs.runid()
    held = Promise.withResolvers<void>()
    holds = (key) => key.includes('/test/') && runs.runid() === first
    const stuck = runs.recorder.write(testRecord('of yesterday'))
    const turning = runs.turn()
    while (runs.runid() === first) await new Promise(setImmediate)
    const today = await runs.recorder.write(testRecord('of today'))
    held.resolve()
    await turning
    const yesterday = await stuck
    await runs.end()
    const {codes, ids, runs: found} = await seen(store)
    assert.deepEqual([codes, ids.has(today.id), ids.has(yesterday.id)], [[], true, true])
    assert.deepEqual(found, [
      {runid: first, previous: undefined, ends: 1},
      {runid: runs.runid(), previous: first, ends: 1},
    ])
  })
})

describe('turnDaily', () => {
  it('turns where the day is another one, tries again what failed, and is led astray by no clock for long', async () => {
    const times = ['23:58', '23:59', '00:00', '00:01', '00:02'].map((time, at) => `2026-06-${at < 2 ? 15 : 16}T${time}:00.000Z`)
    const clock = [...times, '2027-01-01T00:00:00.000Z', '2026-06-16T00:04:00.000Z', '2026-06-16T00:05:00.000Z']
    let [at, turns] = [0, 0]
    const [faults, told, when]: [unknown[], string[], string[]] = [[], [], []]
    const over = new AbortController()
    const fault = new AppError('admission.log-full', 'no more can wait')
    const runs = {
      runid: () => `run ${turns}`,
      async turn() {
        when.push(clock[at] ?? '')
        if (when.length === 1) throw fault
        turns += 1
      },
    }
    const wait = async () => {
      at += 1
      if (at === clock.length) over.abort()
    }
    await turnDaily(runs, {
      now: () => new Date(clock[at] ?? 0),
      wait,
      stop: over.signal,
      onFault: (error) => void faults.push(error),
      onRun: (id) => void told.push(id),
    })
    assert.deepEqual(when, [times[2], times[3], clock[5], clock[6]])
    assert.deepEqual([faults, told], [[fault], ['run 1', 'run 2', 'run 3']])
  })
})
