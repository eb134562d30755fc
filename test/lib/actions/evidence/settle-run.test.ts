import assert from 'node:assert/strict'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {ulid} from 'ulid'
import {endRun} from '../../../../src/lib/actions/evidence/end-run.ts'
import {createRecorder} from '../../../../src/lib/actions/evidence/record-evidence.ts'
import {verifyEvidence} from '../../../../src/lib/actions/evidence/verify-evidence.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {RECORDS, recordKey} from '../../../../src/lib/evidence/key.ts'
import {openRecord, sealRecord, sha256Hex} from '../../../../src/lib/evidence/record.ts'
import {newRunState, type RunState} from '../../../../src/lib/evidence/run-state.ts'
import type {Recorder, RunPosition} from '../../../../src/lib/ports/evidence-store.ts'
import {createRunFile, openRunFile, runFiles} from '../../../../src/lib/stores/run-file.ts'
import {allOf} from '../../../all-of.ts'
import {versionedMemoryStore, type VersionedMemoryStore} from '../../../fakes/memory-store.ts'
import {quietContext, type QuietContext} from '../../../fakes/quiet-context.ts'
import {recorderParts} from '../../../fakes/recorder-parts.ts'
import {testRecord} from '../../../fakes/spool-world.ts'
import {scratch} from '../../../scratch.ts'

describe('what is pending in a run file', () => {
  const folder = scratch()
  let clock: number
  let store: VersionedMemoryStore
  let isDown: boolean
  let file: string

  const now = () => new Date(clock)
  const recorderAt = async (position: RunPosition): Promise<Recorder> => {
    const put = async (key: string, bytes: Uint8Array) => {
      if (isDown && key.startsWith(RECORDS)) throw new AppError('store.unreachable', 'the store does not answer')
      return store.put(key, bytes)
    }
    return createRecorder({...recorderParts({now, newId: () => ulid(clock++), store: {...store, put}}), position})
  }
  const recorder = async () => recorderAt(openRunFile(file))
  const context = (): QuietContext =>
    quietContext({
      now,
      newId: () => ulid(clock++),
      store: async () => store,
      runs: async () => runFiles,
      variable: (name) => (name === 'HIPAA_CI_RUN' ? file : undefined),
      recorder: async (position) => recorderAt(position ?? openRunFile(file)),
    })
  const found = async () => (await verifyEvidence({blobs: true}, context())).findings.map(({code}) => code)
  const deliveries = async () => allOf(store.list(`${RECORDS}delivery/`))
  const state = () => JSON.parse(readFileSync(file, 'utf8')) as RunState

  beforeEach(async () => {
    clock = Date.parse('2026-03-02T08:00:00.000Z')
    store = versionedMemoryStore({now})
    isDown = false
    file = join(folder(), 'run.json')
    await createRunFile(file, newRunState({runid: ulid(clock++), job: 'main', seq: -1}))
    await (await recorder()).write({stream: 'run', outcome: 'pass', detail: {phase: 'start', expected: []}})
  })

  /** A record that the store did not take. */
  const wait = async () => {
    isDown = true
    await assert.rejects((await recorder()).write(testRecord('a')), {code: 'store.unreachable'})
    isDown = false
  }

  for (const [way, next] of [
    ['the next record', async () => (await recorder()).write(testRecord('b'))],
    ["the run's end", async () => undefined],
  ] as const)
    it(`and is put long after by ${way}, is accounted for and not back-dated`, async () => {
      await wait()
      clock += 40 * 60_000
      await next()
      await endRun({join: []}, context())
      assert.deepEqual([(await deliveries()).length, await found()], [1, []])
    })

  it('and is put at once needs no account', async () => {
    await wait()
    await endRun({join: []}, context())
    assert.deepEqual([await deliveries(), await found()], [[], []])
  })

  it('and is not accounted for, because the store is down again, stays pending', async () => {
    await wait()
    clock += 40 * 60_000
    const before = state()
    const put = store.put.bind(store)
    store.put = async (key, bytes) => {
      if (key.includes('/delivery/')) throw new AppError('store.unreachable', 'the store does not answer')
      return put(key, bytes)
    }
    await assert.rejects(endRun({join: []}, context()), {code: 'store.unreachable'})
    assert.deepEqual(state(), before)
    store.put = put
    await endRun({join: []}, context())
    assert.deepEqual(await found(), [])
  })

  it('is put only where it is a record of this job, under its own name', async () => {
    await wait()
    const good = state()
    const [own] = good.pending
    assert.ok(own !== undefined)
    const record = openRecord(Buffer.from(own.bytes, 'base64'))
    const made = (change: Partial<Pick<typeof record, 'job' | 'runid'>>) => {
      const {key, bytes, sha256} = sealRecord({...record, ...change})
      return {key, bytes: Buffer.from(bytes).toString('base64'), record: {...own.record, sha256}}
    }
    const junk = gzipSync('{}')
    const before = await allOf(store.list(''))
    for (const pending of [
      {...own, key: 'log/seal/000000000001.json.gz'},
      {...own, key: own.key.replace('/test/', '/approval/')},
      {...own, bytes: junk.toString('base64')},
      {...own, key: recordKey('test', record.id, sha256Hex(junk)), bytes: junk.toString('base64')},
      {...own, record: {...own.record, seq: 7}},
      made({job: 'other'}),
      made({runid: ulid(clock)}),
    ]) {
      writeFileSync(file, JSON.stringify({...good, pending: [pending]}))
      await assert.rejects(endRun({join: []}, context()), {code: 'run.invalid', message: /is no record of it/})
      await assert.rejects((await recorder()).write(testRecord('b')), {code: 'run.invalid'})
    }
    assert.deepEqual(
      (await allOf(store.list(''))).filter((key) => key.startsWith(RECORDS)),
      before.filter((key) => key.startsWith(RECORDS)),
    )
    writeFileSync(file, JSON.stringify({...good, pending: [made({})]}))
    assert.equal((await endRun({join: []}, context())).exitCode, 0)
  })
})
