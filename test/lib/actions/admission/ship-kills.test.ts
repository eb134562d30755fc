/** Real processes, a real bucket, lost replies, real kills: what was acknowledged is in the store, and the store is whole. */
import assert from 'node:assert/strict'
import {once} from 'node:events'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {verifyEvidence} from '../../../../src/lib/actions/evidence/verify-evidence.ts'
import {openAdmissionLog} from '../../../../src/lib/admission-log/open-log.ts'
import {RECORDS} from '../../../../src/lib/evidence/key.ts'
import {allOf} from '../../../all-of.ts'
import {startFaultyS3, type FaultyS3, type S3Fault} from '../../../fakes/s3-fault-proxy.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {openTestBucket} from '../../../open-bucket.ts'
import {ended, run, start} from '../../../program.ts'
import {asAwsEnvironment, startS3, type S3Server} from '../../../s3.ts'
import {scratch} from '../../../scratch.ts'

describe('the write-ahead log, a bucket, and kills', () => {
  const folder = scratch()
  let s3: S3Server
  let proxy: FaultyS3
  const faults: S3Fault[] = []
  before(async function () {
    this.timeout(60_000)
    s3 = await startS3()
    proxy = await startFaultyS3(s3.endpoint, {faults})
  })
  after(async () => {
    await proxy.stop()
    await s3.stop()
  })
  asAwsEnvironment(() => s3.env)
  afterEach(() => void faults.splice(0))

  const request = (store: string, count: number, seed: string) => ({folder: join(folder(), 'wal'), store, count, seed})

  /** Ids that were acknowledged are in the bucket, what is there verifies, and nothing waits. */
  const assertWhole = async (address: string, acknowledged: readonly string[]) => {
    const {store} = await openTestBucket(address)
    const {findings, runs} = await verifyEvidence({blobs: true}, quietContext({store: async () => store, now: () => new Date()}))
    assert.deepEqual(findings, [])
    const keys = (await allOf(store.list(RECORDS))).join('\n')
    assert.deepEqual(
      acknowledged.filter((id) => !keys.includes(`/${id}-`)),
      [],
    )
    const log = await openAdmissionLog(join(folder(), 'wal'), {bytes: 1_000_000, age: 3_600_000})
    assert.deepEqual([log.state().objects, log.damaged], [0, []])
    await log.close()
    return runs
  }
  const idsOf = (stdout: string) => [...stdout.matchAll(/^([0-9A-Z]{26})\n/gm)].map(([, id]) => id ?? '')

  it('killed at random moments with replies lost: all of it is there at last, each boot a run that is ended', async () => {
    const {address} = await s3.makeBucket()
    faults.push({operation: 'PutObject', kind: 'lost-reply', chance: 0.1}, {operation: 'PutObject', kind: 'error', code: 'SlowDown', chance: 0.05})
    const acknowledged: string[] = []
    for (let round = 0; round < 8; round++) {
      const child = start('log-server', request(proxy.through(address), 1_000_000, `round ${round}`))
      const end = ended(child)
      // oxlint-disable-next-line no-await-in-loop -- one boot after another
      if (child.stdout !== null) await once(child.stdout, 'data')
      // oxlint-disable-next-line no-await-in-loop -- as above
      await sleep(Math.random() * 300)
      child.kill('SIGKILL')
      // oxlint-disable-next-line no-await-in-loop -- as above
      const {signal, stdout, stderr} = await end
      assert.deepEqual([signal, stderr], ['SIGKILL', ''])
      acknowledged.push(...idsOf(stdout))
    }
    faults.splice(0)
    const last = await run('log-server', request(address, 8, 'last'))
    assert.deepEqual([last.code, last.stderr], [0, ''])
    acknowledged.push(...idsOf(last.stdout))
    assert.ok(proxy.calls.some(({fault}) => fault === 'lost-reply'))
    assert.equal(await assertWhole(address, acknowledged), 9)
  }).timeout(180_000)

  it('a store that refuses this role for the whole boot: answers go on, and the next boot brings them', async () => {
    const {address} = await s3.makeBucket()
    faults.push({operation: 'PutObject', kind: 'error', code: 'AccessDenied'})
    const down = await run('log-server', request(proxy.through(address), 40, 'refused'))
    assert.deepEqual([down.code, idsOf(down.stdout).length, down.stderr.startsWith('store.refused ')], [4, 40, true], down.stderr)
    faults.splice(0)
    assert.equal((await run('log-server', request(proxy.through(address), 4, 'back'))).code, 0)
    await assertWhole(address, idsOf(down.stdout))
  }).timeout(120_000)
})
