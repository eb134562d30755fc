/** The server that the tests of buckets lean on: it locks, and it does not outlive whoever started it. */
import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {setTimeout as wait} from 'node:timers/promises'
import {DeleteObjectCommand, GetBucketVersioningCommand, GetObjectLockConfigurationCommand, PutObjectCommand} from '@aws-sdk/client-s3'
import {startS3, type S3Server} from './s3.ts'

describe('the S3 server of the tests', () => {
  let s3: S3Server
  before(async () => {
    s3 = await startS3()
  })
  after(() => s3.stop())

  it('makes a bucket that locks for seven years', async () => {
    const {name: Bucket} = await s3.makeBucket()
    const {ObjectLockConfiguration: lock} = await s3.client().send(new GetObjectLockConfigurationCommand({Bucket}))
    assert.deepEqual(lock, {ObjectLockEnabled: 'Enabled', Rule: {DefaultRetention: {Mode: 'COMPLIANCE', Years: 7}}})
    const {VersionId} = await s3.client().send(new PutObjectCommand({Bucket, Key: 'a', Body: 'synthetic'}))
    await assert.rejects(s3.client().send(new DeleteObjectCommand({Bucket, Key: 'a', VersionId})), /WORM protected/)
  })

  it('makes a bucket without locks, with and without versions', async () => {
    const statusOf = async (Bucket: string) => (await s3.client().send(new GetBucketVersioningCommand({Bucket}))).Status
    assert.equal(await statusOf((await s3.makeBucket({objectLock: false})).name), undefined)
    assert.equal(await statusOf((await s3.makeBucket({objectLock: false, versioning: true})).name), 'Enabled')
  })

  it('ends, and takes its data with it, when its starter is killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hipaa-ci-s3-keeper-'))
    try {
      const program = `import {startS3} from ${JSON.stringify(import.meta.resolve('./s3.ts'))}; console.log((await startS3()).endpoint); setInterval(() => {}, 1000)`
      const starter = spawn(process.execPath, ['--input-type=module', '--eval', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {...process.env, TMPDIR: folder},
      })
      const [said] = (await once(starter.stdout, 'data')) as [Buffer]
      const endpoint = said.toString().trim()
      assert.equal((await fetch(`${endpoint}/minio/health/ready`)).status, 200)
      starter.kill('SIGKILL')
      while (readdirSync(folder).length > 0) await wait(50)
      await assert.rejects(fetch(endpoint), /fetch failed/)
    } finally {
      rmSync(folder, {recursive: true, force: true})
    }
    assert.equal(existsSync(folder), false)
  })
})
