/** A bucket out of reach with a spool in front of it, and the flush into it, by a role that may do nothing but put. */
import assert from 'node:assert/strict'
import {join} from 'node:path'
import {flushSpool} from '../../../../src/lib/actions/evidence/flush-spool.ts'
import {createRecorder} from '../../../../src/lib/actions/evidence/record-evidence.ts'
import {verifyEvidence} from '../../../../src/lib/actions/evidence/verify-evidence.ts'
import {parseRecordKey} from '../../../../src/lib/evidence/key.ts'
import {implicitRun} from '../../../../src/lib/stores/implicit-run.ts'
import {openSpool} from '../../../../src/lib/stores/spool.ts'
import {spooledStore} from '../../../../src/lib/stores/spooled.ts'
import type {S3Settings} from '../../../../src/lib/stores/s3/open-client.ts'
import {allOf} from '../../../all-of.ts'
import {closedS3, startFaultyS3, type FaultyS3, type FaultyS3Options, type S3Fault} from '../../../fakes/s3-fault-proxy.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {recorderParts} from '../../../fakes/recorder-parts.ts'
import {testRecord} from '../../../fakes/spool-world.ts'
import {openTestBucket} from '../../../open-bucket.ts'
import {asAwsEnvironment, startS3, type S3Server} from '../../../s3.ts'
import {scratch} from '../../../scratch.ts'

/** Short, so that a test of what never answers is one too. */
const SHORT: Partial<S3Settings> = {each: 200, total: 700, attempts: 2, pause: 20}

describe('a bucket with a spool in front of it', () => {
  const folder = scratch()
  let s3: S3Server
  let proxy: FaultyS3 | undefined
  let direct = ''
  before(async () => {
    s3 = await startS3()
  })
  after(() => s3.stop())
  asAwsEnvironment(() => s3.env)
  beforeEach(async () => {
    direct = (await s3.makeBucket()).address
  })
  afterEach(async () => {
    await proxy?.stop()
    proxy = undefined
  })

  const spool = async () => openSpool(join(folder(), 'spool'), direct)
  const waiting = async () => allOf((await spool()).list(''))
  const stored = async () => allOf((await openTestBucket(direct)).store.list(''))
  const through = async (options: FaultyS3Options) => {
    proxy = await startFaultyS3(s3.endpoint, options)
    return (await openTestBucket(proxy.through(direct), SHORT)).store
  }
  const write = async (store: Awaited<ReturnType<typeof through>>, names: readonly string[]) => {
    const parts = recorderParts({store: spooledStore(store, spool, () => undefined)})
    return createRecorder({...parts, position: implicitRun(parts.newId(), 'main')}).writeAll(names.map(testRecord))
  }
  const flush = async (options: FaultyS3Options = {only: ['PutObject']}) => {
    await proxy?.stop()
    const store = await through(options)
    const parts = recorderParts({store})
    const recorder = createRecorder({...parts, position: implicitRun(parts.newId(), 'flush')})
    return flushSpool({anyStore: false}, quietContext({store: async () => store, spool, recorder: async () => recorder}))
  }
  const findings = async () => {
    const {store} = await openTestBucket(direct)
    return (await verifyEvidence({blobs: true}, quietContext({store: async () => store}))).findings
  }

  for (const [name, faults] of [
    ['hangs', [{kind: 'hang'}]],
    ['cuts every connection', [{kind: 'cut'}]],
    ['is too busy', [{kind: 'error', code: 'SlowDown'}]],
    ['does what it is asked, and every answer is lost', [{kind: 'lost-reply'}]],
  ] as const satisfies readonly (readonly [string, readonly S3Fault[]])[])
    it(`that ${name}: one outage is waited for, and all is delivered`, async () => {
      const written = await write(await through({faults}), ['a', 'b', 'c'])
      assert.equal((await waiting()).length, 6)
      assert.equal(new Set(proxy?.calls.map(({path}) => path)).size, 1, 'only the first object was tried')
      const {records, blobs, deliveries, exitCode} = await flush()
      assert.deepEqual([records, blobs, deliveries.length, exitCode], [3, 3, 1, 0])
      const there = (await stored()).map((key) => parseRecordKey(key)?.sha256)
      assert.deepEqual([written.filter(({sha256}) => !there.includes(sha256)), await findings(), await waiting()], [[], [], []])
    }).timeout(60_000)

  it('that nobody listens for', async () => {
    const {store} = await openTestBucket(direct.replace(s3.endpoint, await closedS3()), SHORT)
    await write(store, ['a'])
    assert.deepEqual([(await waiting()).length, (await flush()).exitCode, await findings()], [2, 0, []])
  })

  it('that refuses this role: that is an answer, and nothing waits', async () => {
    await assert.rejects(write(await through({faults: [{kind: 'error', code: 'AccessDenied'}]}), ['a']), {code: 'store.refused'})
    assert.deepEqual(await waiting(), [])
  })

  it('that goes again in the middle of a flush, and of the next: each goes on from there', async () => {
    await write(await through({faults: [{kind: 'cut'}]}), ['a', 'b', 'c', 'd'])
    const keys = await waiting()
    assert.equal(keys.length, 8)
    // Blobs, then records: at the second of each, and at the last of all.
    for (const key of [keys[1], keys[5], keys[7]]) {
      const {fault, exitCode} = await flush({faults: [{kind: 'cut', path: new RegExp(key?.replace(/^.*\//, '') ?? 'none')}], only: ['PutObject']})
      assert.deepEqual([fault?.code, exitCode], ['store.unreachable', 4])
    }
    assert.deepEqual([(await flush()).exitCode, await waiting(), await findings()], [0, [], []])
  }).timeout(60_000)

  it('whose role may not write deliveries: nothing leaves the spool unaccounted for', async () => {
    await write(await through({faults: [{kind: 'cut'}]}), ['a'])
    const {fault, exitCode} = await flush({faults: [{kind: 'error', code: 'AccessDenied', path: /\/delivery\//}]})
    assert.deepEqual([fault?.code, exitCode, (await waiting()).length], ['store.refused', 4, 1])
    assert.deepEqual([(await flush()).exitCode, await waiting(), await findings()], [0, [], []])
  })
})
