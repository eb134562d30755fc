/**
 * Fifty jobs of one run write at once, each a process of its own; half of them are killed at a random moment and begin
 * again with the same run file; the bucket is busy, hangs, and loses replies. What was acknowledged is there, once.
 */
import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {createInterface} from 'node:readline'
import {createRecorder} from '../../src/lib/actions/evidence/record-evidence.ts'
import {endRun} from '../../src/lib/actions/evidence/end-run.ts'
import {startRun} from '../../src/lib/actions/evidence/start-run.ts'
import {verifyEvidence} from '../../src/lib/actions/evidence/verify-evidence.ts'
import {sealEvidence} from '../../src/lib/actions/ledger/seal-evidence.ts'
import {RECORDS} from '../../src/lib/evidence/key.ts'
import type {RunPosition} from '../../src/lib/ports/evidence-store.ts'
import {implicitRun} from '../../src/lib/stores/implicit-run.ts'
import {allOf} from '../all-of.ts'
import {recorderParts} from '../fakes/recorder-parts.ts'
import {runContext} from '../fakes/run-context.ts'
import {startFaultyS3, type FaultyS3} from '../fakes/s3-fault-proxy.ts'
import {sealsOf} from '../fakes/sealed-store.ts'
import {storeOf} from '../fakes/store-of.ts'
import {sealingContext} from '../lib/actions/ledger/sealing-context.ts'
import {asAwsEnvironment, startS3, type S3Server} from '../s3.ts'

const JOBS = 50
const RECORDS_EACH = 200
const AT_ONCE = 10
/** Shorter than by default, because a test lets it hang two hundred times; long enough for fifty processes that start on two processors. */
const EACH_MS = 5000
const SEED = 20_260_302
const EMITTER = join(import.meta.dirname, '..', 'programs', 'emitter.ts')

for (const kind of ['folder', 'bucket'] as const)
  describe(`${JOBS} jobs of ${RECORDS_EACH} records, killed at random (seed ${SEED}), in a ${kind}`, function () {
    this.timeout(600_000)
    let folder = ''
    let s3: S3Server | undefined
    let proxy: FaultyS3 | undefined
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'hipaa-ci-load-'))
      if (kind === 'folder') return
      s3 = await startS3()
      const faults = [
        {kind: 'error', code: 'SlowDown', operation: 'PutObject', chance: 0.05},
        {kind: 'hang', operation: 'PutObject', chance: 0.01},
        {kind: 'lost-reply', operation: 'PutObject', chance: 0.01},
      ] as const
      proxy = await startFaultyS3(s3.endpoint, {faults, seed: SEED})
    })
    after(async () => {
      await proxy?.stop()
      await s3?.stop()
      rmSync(folder, {recursive: true, force: true})
    })
    asAwsEnvironment(() => s3?.env ?? {})

    it('loses nothing that was acknowledged, and writes nothing twice', async () => {
      const bucket = await s3?.makeBucket()
      const address = bucket?.address ?? `folder:${join(folder, 'evidence')}`
      const store = await storeOf({store: address})
      const {now, newId} = recorderParts()
      const position = implicitRun(newId(), 'main')
      const recorder = async (given: RunPosition = position) => createRecorder({...recorderParts({store}), position: given})
      const context = runContext({folder, store, parts: {now, newId, recorder}})
      const jobs = Array.from({length: JOBS}, (_, index) => `job-${index}`)
      const {files} = await startRun({expected: ['test'], jobs, file: join(folder, 'run.json')}, context)
      const through = proxy?.through(address) ?? address
      const chance = random(SEED)
      const written = await Promise.all(files.map(async ({path}) => emitAll(path, through, chance() < 0.5 ? Math.floor(chance() * RECORDS_EACH) : undefined)))

      const [first, ...rest] = files.map(({path}) => path)
      const ended = await endRun({file: first, join: rest}, context)
      assert.deepEqual([ended.exitCode, ended.gaps], [0, []])
      const sealing = sealingContext(store, {now: new Date().toISOString()})
      await Promise.all([sealEvidence({all: false}, sealing), sealEvidence({all: false}, sealing)])
      const {exitCode, findings, records} = await verifyEvidence({blobs: true, full: true}, sealing)
      assert.deepEqual([exitCode, findings], [0, []])

      const acknowledged = written.flat()
      assert.ok(acknowledged.length >= JOBS * RECORDS_EACH)
      const listed = await allOf(store.list(`${RECORDS}test/`))
      assert.equal(
        listed.length,
        ended.jobs.reduce((sum, {count}) => sum + count, 0),
      )
      assert.equal(records, listed.length + 2)
      const sealed = Map.groupBy(
        (await sealsOf(store)).flatMap(({seal}) => seal.entries),
        ({key}) => key,
      )
      assert.deepEqual(
        acknowledged.filter((key) => sealed.get(key)?.length !== 1),
        [],
      )
      assert.equal(new Set(acknowledged).size, acknowledged.length)
    })
  })

/** @param killAfter so many acknowledged records; undefined: never. @returns the keys that were acknowledged */
async function emitAll(run: string, store: string, killAfter: number | undefined): Promise<string[]> {
  const keys: string[] = []
  for (let turn = 0; keys.length < RECORDS_EACH; turn += 1) {
    const request = {store, run, each: EACH_MS, count: RECORDS_EACH - keys.length, atOnce: AT_ONCE, seed: `${run} ${turn}`}
    const emitter = spawn(process.execPath, [EMITTER, JSON.stringify(request)], {stdio: ['ignore', 'pipe', 'inherit']})
    const exit = once(emitter, 'exit')
    for await (const line of createInterface({input: emitter.stdout})) {
      keys.push(line.split(' ')[2] ?? '')
      if (turn === 0 && killAfter !== undefined && keys.length > killAfter) emitter.kill('SIGKILL')
    }
    const [code, signal] = (await exit) as [number | null, NodeJS.Signals | null]
    assert.ok(code === 0 || (signal === 'SIGKILL' && turn === 0), `${run} ended with ${String(code ?? signal)}`)
  }
  return keys
}

/** mulberry32: the same numbers for the same seed. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
