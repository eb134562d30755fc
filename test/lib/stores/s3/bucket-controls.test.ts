/** What is set for a bucket, and what may be changed of a lock: against a real server, as its owner. */
import assert from 'node:assert/strict'
import {PutBucketLifecycleConfigurationCommand, PutBucketPolicyCommand, PutBucketVersioningCommand} from '@aws-sdk/client-s3'
import {recordKey} from '../../../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import {openTestBucket} from '../../../open-bucket.ts'
import {asAwsEnvironment, startS3, type BucketSettings, type S3Server} from '../../../s3.ts'

const KEY = recordKey('test', '01JGFJJZ00ABCDEFGHJKMNPQRS', sha256Hex('a'))
const DAY_MS = 86_400_000
const inDays = (days: number) => new Date(Math.ceil(Date.now() / 1000) * 1000 + days * DAY_MS).toISOString()

describe('the controls of a bucket', () => {
  let s3: S3Server
  before(async () => {
    s3 = await startS3()
  })
  after(() => s3.stop())
  asAwsEnvironment(() => s3.env)

  const make = async (settings?: BucketSettings) => {
    const {name, address} = await s3.makeBucket(settings)
    const {store, controls} = await openTestBucket(address)
    return {name, store, controls}
  }
  const makeWithOne = async (settings: BucketSettings) => {
    const made = await make(settings)
    await made.store.put(KEY, Buffer.from('a'))
    return {...made, version: (await made.store.read(KEY))?.version ?? ''}
  }

  it('tell what is set', async () => {
    const settingsOf = async (bucket?: BucketSettings) => (await make(bucket)).controls.settings()
    const locked = {versioning: 'enabled', objectLock: 'enabled', lifecycle: 'none', refused: []}
    assert.deepEqual(await settingsOf(), {...locked, defaultRetention: {mode: 'COMPLIANCE', days: 2555}})
    assert.deepEqual(await settingsOf({retention: {mode: 'GOVERNANCE', days: 30}}), {...locked, defaultRetention: {mode: 'GOVERNANCE', days: 30}})
    assert.deepEqual(await settingsOf({retention: 'none'}), locked)
    assert.deepEqual(await settingsOf({objectLock: false}), {versioning: 'off', objectLock: 'off', lifecycle: 'none', refused: []})
    assert.deepEqual(await settingsOf({objectLock: false, versioning: true}), {versioning: 'enabled', objectLock: 'off', lifecycle: 'none', refused: []})
  })

  it('tell that versions are suspended', async () => {
    const {name: Bucket, controls} = await make({objectLock: false, versioning: true})
    await s3.client().send(new PutBucketVersioningCommand({Bucket, VersioningConfiguration: {Status: 'Suspended'}}))
    assert.equal((await controls.settings()).versioning, 'suspended')
  })

  it('give the policy as it is written', async () => {
    const {name: Bucket, controls} = await make()
    const statement = {Effect: 'Deny', Principal: {AWS: ['*']}, Action: ['s3:DeleteObject'], Resource: [`arn:aws:s3:::${Bucket}/*`]}
    await s3.client().send(new PutBucketPolicyCommand({Bucket, Policy: JSON.stringify({Version: '2012-10-17', Statement: [statement]})}))
    const {policy} = await controls.settings()
    assert.deepEqual((JSON.parse(policy ?? '{}') as {Statement?: unknown}).Statement, [statement])
  })

  it('tell what expires evidence from what does not', async () => {
    const {name: Bucket, controls} = await make()
    const set = async (rule: object) =>
      s3.client().send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket,
          LifecycleConfiguration: {Rules: [{ID: 'one', Status: 'Enabled', Filter: {Prefix: ''}, ...rule}]},
        }),
      )
    await set({Expiration: {Days: 30}})
    assert.equal((await controls.settings()).lifecycle, 'expires')
    await set({NoncurrentVersionExpiration: {NoncurrentDays: 1}})
    assert.equal((await controls.settings()).lifecycle, 'expires')
    await set({Status: 'Disabled', Expiration: {Days: 30}})
    assert.equal((await controls.settings()).lifecycle, 'none')
    await set({Expiration: {ExpiredObjectDeleteMarker: true}})
    assert.equal((await controls.settings()).lifecycle, 'keeps')
  })

  it('say that there is no bucket', async () => {
    const {address} = await s3.makeBucket()
    const {controls} = await openTestBucket(address.replace(/evidence-\d+/, 'no-such-bucket'))
    await assert.rejects(controls.settings(), {code: 'store.unreachable', message: /^there is no bucket no-such-bucket/})
  })

  it('extend a lock, and never shorten it', async () => {
    const {store, controls, version} = await makeWithOne({retention: {mode: 'COMPLIANCE', days: 1}})
    const until = inDays(10)
    await controls.extend(KEY, version, until)
    assert.deepEqual(await controls.lockOf(KEY, version), {mode: 'COMPLIANCE', until})
    await assert.rejects(controls.extend(KEY, version, inDays(5)), {code: 'store.refused'})
    assert.deepEqual((await store.read(KEY, version))?.lock, {mode: 'COMPLIANCE', until})
  })

  it('lock what was not locked', async () => {
    const {controls, version} = await makeWithOne({retention: 'none'})
    const until = inDays(10)
    await controls.extend(KEY, version, until)
    assert.deepEqual(await controls.lockOf(KEY, version), {mode: 'COMPLIANCE', until})
  })

  it('put a hold on a version, and lift it', async () => {
    const {store, controls, version} = await makeWithOne({retention: 'none'})
    await controls.setHold(KEY, version, true)
    assert.deepEqual((await store.read(KEY))?.lock, {hold: true})
    await controls.setHold(KEY, version, false)
    assert.deepEqual(await controls.lockOf(KEY, version), {})
  })

  it('know nothing of a version that is not there', async () => {
    const {controls} = await make()
    assert.equal(await controls.lockOf(KEY, '00000000-0000-0000-0000-000000000000'), undefined)
    await assert.rejects(controls.extend(KEY, '00000000-0000-0000-0000-000000000000', inDays(1)), {code: 'store.refused'})
  })
})
