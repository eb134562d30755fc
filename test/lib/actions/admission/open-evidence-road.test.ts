/** A boot after an outage: it begins once there is room in the log, and leaves nothing open where it cannot. */
import assert from 'node:assert/strict'
import {setTimeout as pause} from 'node:timers/promises'
import {openEvidenceRoad, type RoadTelemetry} from '../../../../src/lib/actions/admission/open-evidence-road.ts'
import {createRecorder} from '../../../../src/lib/actions/evidence/record-evidence.ts'
import {openAdmissionLog} from '../../../../src/lib/admission-log/open-log.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {openRecord} from '../../../../src/lib/evidence/record.ts'
import {parseBlobKey} from '../../../../src/lib/evidence/key.ts'
import type {EvidenceStore} from '../../../../src/lib/ports/evidence-store.ts'
import {memoryStore, type MemoryStore} from '../../../fakes/memory-store.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {recorderParts} from '../../../fakes/recorder-parts.ts'
import {testRecord} from '../../../fakes/spool-world.ts'
import {scratch} from '../../../scratch.ts'

const HOUR = 3_600_000
const JOB = 'admission/test/replica-0'

describe('openEvidenceRoad', () => {
  const folder = scratch()
  let clock = 0
  let store: MemoryStore
  let away = false
  const now = () => new Date(Date.now() + clock)
  const reached = (): EvidenceStore => ({
    ...store,
    async put(key, bytes) {
      if (away) throw new AppError('store.unreachable', 'it is away')
      return store.put(key, bytes)
    },
  })
  const quiet: RoadTelemetry = {onShipping: () => undefined, onShipped: () => undefined, onFault: (error) => assert.fail(String(error))}
  const open = async (bytes = 256 * 1024 * 1024) => {
    const parts = recorderParts({store, now})
    const context = quietContext({
      now,
      newId: parts.newId,
      store: async () => reached(),
      wait: async (milliseconds, signal) => pause(milliseconds, undefined, {signal}).catch(() => undefined),
      admissionLog: async (path, bounds) => openAdmissionLog(path, bounds, {lockWait: 100, now}),
      recorder: async (position, into) => createRecorder({...parts, store: into ?? reached(), position: position ?? assert.fail()}),
    })
    return openEvidenceRoad({job: JOB, log: {folder: folder(), bounds: {bytes, age: HOUR}}}, quiet, context)
  }
  /** A boot that the store heard nothing of, two hours ago. */
  const outage = async () => {
    away = true
    const road = await open()
    await road.runs.recorder.write(testRecord('before'))
    await road.close()
    clock += 2 * HOUR
    return road.runs.runid()
  }

  beforeEach(() => {
    store = memoryStore({now})
    ;[clock, away] = [0, false]
  })

  /** As its first record in the store says. */
  const previousOf = (run: string) =>
    [...store.objects]
      .flatMap(([key, bytes]) => (parseBlobKey(key) === undefined ? [openRecord(bytes)] : []))
      .flatMap((record) => (record.runid === run && record.stream === 'run' && record.data.detail.phase === 'start' ? [record.data.detail.previous] : []))[0]

  it('begins where more waits than the log may hold, once that is in the store', async () => {
    const before = await outage()
    away = false
    const road = await open()
    await road.runs.recorder.write(testRecord('after'))
    await road.close()
    assert.equal(previousOf(road.runs.runid()), before)
    const runs = [...store.objects]
      .flatMap(([key, bytes]) => (parseBlobKey(key) === undefined ? [openRecord(bytes)] : []))
      .filter(({stream}) => stream === 'test')
    assert.deepEqual(new Set(runs.map(({runid}) => runid)), new Set([before, road.runs.runid()]))
  })

  it('says that the log is full where the store is still away, and is open to the next try', async () => {
    const before = await outage()
    await assert.rejects(open(), {code: 'admission.log-full'})
    await assert.rejects(open(), {code: 'admission.log-full'}, 'the lock is free')
    away = false
    const road = await open()
    await road.close()
    assert.equal(previousOf(road.runs.runid()), before)
  })
})
