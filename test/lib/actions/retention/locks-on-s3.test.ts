/** What audit, extend and hold say and do, against a real S3 server that enforces locks. */
import assert from 'node:assert/strict'
import {DeleteObjectCommand, PutBucketPolicyCommand, PutObjectCommand, PutObjectRetentionCommand} from '@aws-sdk/client-s3'
import {auditStore} from '../../../../src/lib/actions/retention/audit-store.ts'
import {extendLocks} from '../../../../src/lib/actions/retention/extend-locks.ts'
import {holdRecords} from '../../../../src/lib/actions/retention/hold-records.ts'
import {initStore} from '../../../../src/lib/actions/store/init-store.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {blobKey} from '../../../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import {EvidenceWriter, image} from '../../../fakes/evidence-writer.ts'
import {runContext} from '../../../fakes/run-context.ts'
import {openTestBucket} from '../../../open-bucket.ts'
import {asAwsEnvironment, startS3, type BucketSettings, type S3Server} from '../../../s3.ts'
import {scratch} from '../../../scratch.ts'

const DAY_MS = 86_400_000
const BLOB = Buffer.from('a policy text, synthetic')
const BLOB_KEY = blobKey(sha256Hex(BLOB))
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS)

describe('evidence on a server that locks', () => {
  let s3: S3Server
  before(async () => {
    s3 = await startS3()
  })
  after(() => s3.stop())
  asAwsEnvironment(() => s3.env)
  const folder = scratch()

  const make = async (settings?: BucketSettings) => {
    const {name, address} = await s3.makeBucket(settings)
    const {store, controls} = await openTestBucket(address)
    const config = {...Config.parse({version: 1, system: 'patient-api', store: address}), root: folder()}
    const context = () => runContext({folder: folder(), store, parts: {config, storeControls: async () => controls, now: () => new Date()}})
    const versionOf = async (key: string) => (await store.read(key))?.version ?? ''
    /** As the owner of the bucket, who may do everything. */
    const remove = async (key: string, version?: string) =>
      s3.client().send(new DeleteObjectCommand({Bucket: name, Key: `evidence/${key}`, ...(version !== undefined && {VersionId: version})}))
    const putLocked = async (key: string, bytes: Uint8Array, mode: 'COMPLIANCE' | 'GOVERNANCE', days: number) =>
      s3.client().send(
        new PutObjectCommand({
          Bucket: name,
          Key: `evidence/${key}`,
          Body: bytes,
          ChecksumAlgorithm: 'SHA256',
          ObjectLockMode: mode,
          ObjectLockRetainUntilDate: inDays(days),
        }),
      )
    return {name, store, controls, context, versionOf, remove, putLocked, writer: new EvidenceWriter(store)}
  }
  const codes = async (made: {readonly context: () => ReturnType<typeof runContext>}) => (await auditStore({}, made.context())).counts.map(({code}) => code)

  it('is taken by `store init`, found whole by `audit`, and cannot be removed even by the owner', async () => {
    const made = await make()
    assert.equal((await initStore({write: false}, made.context())).exitCode, 0)
    const {key} = await made.writer.gate(image('a'), 'pass', {blobs: {'policy.json': BLOB}})
    const {exitCode, counts, records, blobs} = await auditStore({}, made.context())
    assert.deepEqual([exitCode, counts, records, blobs], [0, [], 1, 1])
    await assert.rejects(made.remove(key, await made.versionOf(key)))
    const shorter = {Mode: 'COMPLIANCE' as const, RetainUntilDate: inDays(1)}
    await assert.rejects(s3.client().send(new PutObjectRetentionCommand({Bucket: made.name, Key: `evidence/${key}`, Retention: shorter})))
    assert.equal((await auditStore({}, made.context())).exitCode, 0)
  })

  const unfit: readonly [string, BucketSettings, string][] = [
    ['of a lock that can be lifted', {retention: {mode: 'GOVERNANCE', years: 7}}, 'lock.weak'],
    ['of six years', {retention: {mode: 'COMPLIANCE', years: 6}}, 'retention.too-short'],
    ['of none', {retention: 'none'}, 'lock.missing'],
    ['without Object Lock', {objectLock: false, versioning: true}, 'lock.missing'],
  ]
  for (const [name, settings, code] of unfit)
    it(`is refused a bucket with a default ${name} by \`store init\`, and found in it by \`audit\``, async () => {
      const made = await make(settings)
      const {exitCode, reason, faults} = await initStore({write: false}, made.context())
      assert.deepEqual([exitCode, reason, faults.length], [1, 'store.unfit', 1])
      await made.writer.gate(image('a'), 'pass')
      assert.deepEqual(await codes(made), ['store.unfit', code])
    })

  it('is told how to make a bucket that is not there', async () => {
    const made = await make()
    const {controls} = await openTestBucket(`s3://no-such-bucket/evidence?region=us-east-1&endpoint=${s3.endpoint}`)
    await assert.rejects(initStore({write: false}, {...made.context(), storeControls: async () => controls}), (error) => {
      assert.ok(error instanceof AppError)
      assert.deepEqual([error.code, error.suggestions[0]?.startsWith('hipaa-ci store policy --format terraform')], ['store.unreachable', true])
      return true
    })
  })

  it('shows what the owner hid and doubled', async () => {
    const made = await make()
    const one = await made.writer.gate(image('a'), 'pass')
    const two = await made.writer.gate(image('b'), 'pass')
    await made.remove(one.key)
    await made.putLocked(two.key, Buffer.from('another'), 'COMPLIANCE', 3000)
    const result = await auditStore({}, made.context())
    assert.deepEqual([result.exitCode, result.markers, result.secondVersions], [5, 1, 1])
    const found = result.counts.map(({code}) => code).toSorted()
    assert.deepEqual(found, ['record.altered', 'record.hidden', 'record.second-version'])
  })

  it('has a blob that ends before a record that names it: found, mended once, and locked then', async () => {
    const made = await make()
    await made.putLocked(BLOB_KEY, BLOB, 'COMPLIANCE', 1)
    const record = await made.writer.gate(image('a'), 'pass', {blobs: {'policy.json': BLOB}})
    assert.deepEqual((await codes(made)).toSorted(), ['blob.lock-ends-first', 'retention.too-short'])
    const {extended, exitCode} = await extendLocks({dryRun: false}, made.context())
    assert.deepEqual([exitCode, extended], [0, 1])
    const [blob, own] = await Promise.all([BLOB_KEY, record.key].map(async (key) => made.controls.lockOf(key, await made.versionOf(key))))
    assert.equal(blob?.mode, 'COMPLIANCE')
    assert.ok((blob?.until ?? '') >= (own?.until ?? 'z'))
    assert.deepEqual(await codes(made), [])
    assert.equal((await extendLocks({dryRun: false}, made.context())).extended, 0)
    await assert.rejects(made.remove(BLOB_KEY, await made.versionOf(BLOB_KEY)))
  })

  it('is locked where it was not; a lock that can be lifted is named, because only who may lift it can make it strict', async () => {
    const made = await make({retention: 'none'})
    const {key} = await made.writer.gate(image('a'), 'pass')
    await made.putLocked(BLOB_KEY, BLOB, 'GOVERNANCE', 3000)
    const result = await extendLocks({dryRun: false}, made.context())
    assert.deepEqual([result.exitCode, result.extended, result.refused.length], [4, 1, 1])
    assert.match(result.refused[0]?.message ?? '', /^blobs\/.* GOVERNANCE, and only who has s3:BypassGovernanceRetention/)
    assert.equal((await made.controls.lockOf(key, await made.versionOf(key)))?.mode, 'COMPLIANCE')
    assert.equal((await made.controls.lockOf(BLOB_KEY, await made.versionOf(BLOB_KEY)))?.mode, 'GOVERNANCE')
  })

  it('is kept by a hold alone, until it is lifted', async () => {
    const made = await make({retention: 'none'})
    const {key, record} = await made.writer.gate(image('a'), 'pass', {blobs: {'policy.json': BLOB}})
    const ask = async (action: 'add' | 'remove') => holdRecords({action, records: [record.id], reason: 'litigation'}, made.context())
    assert.equal((await ask('add')).records[0]?.objects, 2)
    assert.equal((await ask('add')).records[0]?.changed, false)
    const versions = new Map(await Promise.all([key, BLOB_KEY].map(async (one) => [one, await made.versionOf(one)] as const)))
    for (const [one, version] of versions) await assert.rejects(made.remove(one, version), one)
    assert.equal((await ask('remove')).records[0]?.objects, 2)
    for (const [one, version] of versions) await made.remove(one, version)
    assert.equal(await made.store.read(key), undefined)
  })

  it("shows by the bucket's policy who may hide it", async () => {
    const made = await make()
    await made.writer.gate(image('a'), 'pass')
    const free = async () => (await auditStore({}, made.context())).loopholes?.map(({action}) => action)
    assert.ok((await free())?.includes('s3:DeleteObject'))
    const statement = {Effect: 'Deny', Principal: '*', Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'], Resource: [`arn:aws:s3:::${made.name}/*`]}
    const Policy = JSON.stringify({Version: '2012-10-17', Statement: [statement]})
    await s3.client().send(new PutBucketPolicyCommand({Bucket: made.name, Policy}))
    assert.ok(!(await free())?.some((action) => action.includes('DeleteObject')))
  })
})
