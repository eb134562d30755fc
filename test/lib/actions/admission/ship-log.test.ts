/** From the write-ahead log into the store: what the store then verifies as. */
import assert from 'node:assert/strict'
import {readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beginServerRun} from '../../../../src/lib/actions/admission/begin-server-run.ts'
import {shipLog, shipWaiting, type Shipping, type ShippingFault} from '../../../../src/lib/actions/admission/ship-log.ts'
import {createRecorder} from '../../../../src/lib/actions/evidence/record-evidence.ts'
import {verifyEvidence} from '../../../../src/lib/actions/evidence/verify-evidence.ts'
import {openAdmissionLog} from '../../../../src/lib/admission-log/open-log.ts'
import {AppError, type ReasonCode} from '../../../../src/lib/errors.ts'
import {parseBlobKey, parseRecordKey} from '../../../../src/lib/evidence/key.ts'
import {openRecord} from '../../../../src/lib/evidence/record.ts'
import type {AdmissionLog} from '../../../../src/lib/ports/admission-log.ts'
import type {EvidenceStore} from '../../../../src/lib/ports/evidence-store.ts'
import {failing, type Fault} from '../../../fakes/failing-port.ts'
import {memoryStore, type MemoryStore} from '../../../fakes/memory-store.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {recorderParts} from '../../../fakes/recorder-parts.ts'
import {testRecord} from '../../../fakes/spool-world.ts'
import {scratch} from '../../../scratch.ts'

const JOB = 'admission/test/replica-0'

describe('shipping the write-ahead log', () => {
  const folder = scratch()
  const path = () => join(folder(), 'wal')
  const opened: AdmissionLog[] = []
  let clock = 0
  let store: MemoryStore
  let arrived: string[]
  const now = () => new Date(Date.now() + clock)

  const open = async () => {
    const log = await openAdmissionLog(path(), {bytes: 256 * 1024 * 1024, age: 86_400_000}, {lockWait: 100, now})
    opened.push(log)
    return log
  }
  const parts = () => recorderParts({store, now})
  const begin = (log: AdmissionLog) => {
    const own = parts()
    const recorder = async (...[position, into]: Parameters<Parameters<typeof beginServerRun>[2]['recorder']>) =>
      createRecorder({...own, store: into ?? assert.fail(), position: position ?? assert.fail()})
    return beginServerRun(log, {job: JOB}, {newId: own.newId, recorder})
  }
  const shipping = (log: AdmissionLog, into: EvidenceStore = counted()): Shipping & {readonly faults: (ReasonCode | undefined)[]} => {
    const faults: (ReasonCode | undefined)[] = []
    const own = recorderParts({store: into, now})
    const recorderAt: Shipping['recorderAt'] = async (position) => createRecorder({...own, position})
    const told = (fault: ShippingFault | undefined) => void faults.push(fault?.code)
    return {log, store: into, job: JOB, now, newId: own.newId, recorderAt, told, damaged: ({code}) => void faults.push(code), shipped: () => undefined, faults}
  }
  const counted = (): EvidenceStore => ({
    ...store,
    async put(key, bytes) {
      const result = await store.put(key, bytes)
      if (result === 'written') arrived.push(key)
      return result
    },
  })
  const findings = async () => {
    const result = await verifyEvidence({blobs: true}, quietContext({store: async () => store, now}))
    return result.findings.map(({code}) => code)
  }
  const records = () => [...store.objects].flatMap(([key, bytes]) => (parseBlobKey(key) === undefined ? [openRecord(bytes)] : []))
  const accounted = () => records().flatMap(({data: {detail}}) => ('records' in detail && Array.isArray(detail.records) ? detail.records.map(String) : []))
  /** A boot that writes `names` and ends. */
  const boot = async (names: readonly string[], ends = true) => {
    const log = await open()
    const run = await begin(log)
    const written = names.length === 0 ? [] : await run.recorder.writeAll(names.map(testRecord))
    if (ends) await run.end()
    return {log, run, written}
  }
  const many = (count: number) => Array.from({length: count}, (_, index) => `test ${index}`)

  beforeEach(() => {
    clock = 0
    store = memoryStore({now})
    arrived = []
  })
  afterEach(async () => {
    for (const log of opened.splice(0)) await log.close()
  })

  it('brings everything, no record before its blobs, and leaves nothing', async () => {
    const {log} = await boot(many(150))
    assert.equal(await shipWaiting(shipping(log)), undefined)
    assert.deepEqual([await findings(), log.state().objects, accounted()], [[], 0, []])
    const place = new Map(arrived.map((key, index) => [parseBlobKey(key) ?? key, index]))
    for (const key of arrived.filter((one) => parseRecordKey(one) !== undefined))
      for (const {sha256} of openRecord(store.objects.get(key) ?? assert.fail()).data.blobs) assert.ok((place.get(sha256) ?? Infinity) < (place.get(key) ?? -1))
  })

  it('puts some at a time, and no more', async () => {
    const {log} = await boot(many(100))
    let [under, most] = [0, 0]
    const slow: EvidenceStore = {
      ...store,
      async put(key, bytes) {
        under += 1
        most = Math.max(most, under)
        await new Promise(setImmediate)
        under -= 1
        return store.put(key, bytes)
      },
    }
    await shipWaiting(shipping(log, slow))
    assert.ok(most > 4 && most <= 16, `${most} at a time`)
  })

  it('what waited for long is accounted for, record by record, also more than one delivery takes', async () => {
    const {log, written} = await boot(many(600))
    clock = 40 * 60_000
    assert.equal(await shipWaiting(shipping(log)), undefined)
    assert.deepEqual(await findings(), [])
    const there = new Set(accounted())
    assert.deepEqual(
      written.filter(({sha256}) => !there.has(sha256)),
      [],
    )
  })

  it('broken off at every call, before or after its effect, the next boot finishes it', async () => {
    let ran = 0
    for (const after of [false, true])
      for (let at = 1; ; at++) {
        store = memoryStore({now})
        clock = 0
        const {log} = await boot(['a', 'b', 'c'])
        clock = 20 * 60_000
        const fault: Fault = {at, after, calls: 0}
        await shipWaiting(shipping(failing(log, fault, 'admission.log-unusable'), failing(counted(), fault, 'store.unreachable')))
        await log.close()
        const again = await open()
        assert.equal(await shipWaiting(shipping(again)), undefined)
        assert.deepEqual([await findings(), again.state().objects, again.damaged], [[], 0, []], `call ${at}`)
        await again.close()
        if (fault.calls < at) break
        ran += 1
      }
    assert.ok(ran > 15, `${ran} calls were broken`)
  }).timeout(30_000)

  it('a store that is down, then refuses, then is back: each is told once, and all of it comes', async () => {
    const {log} = await boot(many(20))
    let looks = 0
    const flaky: EvidenceStore = {
      ...counted(),
      async put(key, bytes) {
        if (looks < 4) throw new AppError('store.unreachable', 'nobody answers')
        if (looks < 7) throw new AppError('store.refused', 'not this role')
        return counted().put(key, bytes)
      },
    }
    const stop = new AbortController()
    const waits: number[] = []
    const own = shipping(log, flaky)
    const pause = async (milliseconds: number) => {
      waits.push(milliseconds)
      looks += 1
      clock += 3 * 60_000
      if (log.state().objects === 0) stop.abort()
    }
    await shipLog(own, {stop: stop.signal, pause})
    assert.deepEqual([own.faults, await findings()], [['store.unreachable', 'store.refused', undefined], []])
    assert.deepEqual(waits.slice(0, 7), [500, 1000, 2000, 4000, 8000, 16_000, 30_000])
  })

  it('stopped, it finishes what is under way; the rest stays, and is the first that the next boot ships', async () => {
    const {log} = await boot(many(300))
    const stop = new AbortController()
    const stopping: EvidenceStore = {
      ...counted(),
      async put(key, bytes) {
        stop.abort()
        return counted().put(key, bytes)
      },
    }
    await shipLog(shipping(log, stopping), {stop: stop.signal, pause: async () => undefined})
    const {objects} = log.state()
    assert.ok(objects > 0 && arrived.length + objects >= 601, `${objects} wait, ${arrived.length} came`)
    await log.close()
    const {log: again} = await boot(['next'])
    await shipWaiting(shipping(again))
    assert.deepEqual([await findings(), again.state().objects], [[], 0])
  })

  it('a fault of ours is none of the store: it is thrown', async () => {
    const {log} = await boot(['a'])
    const odd: EvidenceStore = {...store, put: async () => Promise.reject(new TypeError('ours'))}
    await assert.rejects(shipWaiting(shipping(log, odd)), TypeError)
  })

  describe('a part that was damaged', () => {
    /** Flips a bit in the content of the nth record of the log, from 0. */
    const damage = async (nth: number) => {
      const log = await open()
      const keys: string[] = []
      for await (const {key} of log.waiting()) if (parseRecordKey(key) !== undefined) keys.push(key)
      await log.close()
      for (const name of readdirSync(path()).filter((one) => one.endsWith('.wal'))) {
        const bytes = readFileSync(join(path(), name))
        const at = bytes.indexOf(keys.at(nth) ?? '')
        if (at === -1) continue
        bytes.writeUInt8(bytes.readUInt8(at + 200) ^ 1, at + 200)
        writeFileSync(join(path(), name), bytes)
      }
    }
    const afterwards = async () => {
      const {log} = await boot([])
      assert.equal(log.damaged.length, 1)
      const stop = new AbortController()
      const own = shipping(log)
      await shipLog(own, {stop: stop.signal, pause: async () => (log.state().objects === 0 ? stop.abort() : undefined)})
      assert.deepEqual(own.faults, ['admission.log-damaged'])
      return findings()
    }

    it('in the middle is a gap in the chain', async () => {
      const {log} = await boot(many(9))
      await log.close()
      await damage(5)
      assert.deepEqual(await afterwards(), ['chain.gap'])
    })

    it('at the end is a run without an end, which its successor names', async () => {
      const {log} = await boot(many(9), false)
      await log.close()
      await damage(-1)
      assert.deepEqual(await afterwards(), ['run.no-end'])
    })

    it('at its beginning is a run without a start', async () => {
      const {log} = await boot(many(9))
      await log.close()
      await damage(0)
      assert.deepEqual(await afterwards(), ['chain.gap'])
    })
  })
})
