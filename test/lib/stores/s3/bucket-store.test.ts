/** Against a real S3 server, which locks and refuses as AWS does; what it never says is in `faults.test.ts`. */
import assert from 'node:assert/strict'
import {randomBytes} from 'node:crypto'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3'
import {blobKey, recordKey} from '../../../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import type {S3Settings} from '../../../../src/lib/stores/s3/open-client.ts'
import {allOf} from '../../../all-of.ts'
import {openTestBucket} from '../../../open-bucket.ts'
import {asAwsEnvironment, startS3, type BucketSettings, type S3Server} from '../../../s3.ts'
import {itBehavesAsAStore} from '../store-behaviour.ts'

const ID = '01JGFJJZ00ABCDEFGHJKMNPQRS'
const KEY = recordKey('test', ID, sha256Hex('a'))
const DAY_MS = 86_400_000
/** A year has 365 days or is a true one, depending on the server. */
const TOLERANCE_DAYS = 3

describe('the store in a bucket', () => {
  let s3: S3Server
  before(async () => {
    s3 = await startS3()
  })
  after(() => s3.stop())
  asAwsEnvironment(() => s3.env)

  const make = async (bucket?: BucketSettings, settings?: Partial<S3Settings>) => {
    const {name, address} = await s3.makeBucket(bucket)
    return {name, address, ...(await openTestBucket(address, settings))}
  }
  /** What the owner of the bucket does beside the store. */
  const force = async (Bucket: string, key: string, more: Partial<PutObjectCommandInput> = {}) =>
    s3.client().send(new PutObjectCommand({Bucket, Key: `evidence/${key}`, Body: 'synthetic', ...more}))
  const hide = async (Bucket: string, key: string) => s3.client().send(new DeleteObjectCommand({Bucket, Key: `evidence/${key}`}))

  itBehavesAsAStore(async () => (await make()).store)

  describe('whose lists have many pages', () => itBehavesAsAStore(async () => (await make({}, {page: 2})).store))

  it('keeps below its prefix, and sees nothing beside it', async () => {
    const {name, store, address} = await make()
    await store.put(KEY, Buffer.from('a'))
    await s3.client().send(new PutObjectCommand({Bucket: name, Key: 'evidence-of-others/a', Body: 'synthetic'}))
    const {Body} = await s3.client().send(new GetObjectCommand({Bucket: name, Key: `evidence/${KEY}`}))
    assert.equal(await Body?.transformToString(), 'a')
    assert.deepEqual(await allOf(store.list('')), [KEY])
    assert.deepEqual(
      (await allOf(store.versions(''))).map(({key}) => key),
      [KEY],
    )
    assert.equal(store.address, address)
  })

  it('uses a whole bucket where the address has no prefix', async () => {
    const {address} = await s3.makeBucket()
    const {store} = await openTestBucket(address.replace('/evidence?', '?'))
    await store.put(KEY, Buffer.from('a'))
    assert.deepEqual(await allOf(store.list('records/')), [KEY])
  })

  it('shows a second version and a delete marker, the newest first', async () => {
    const {name, store} = await make({}, {page: 2})
    await store.put(KEY, Buffer.from('the first'))
    const {VersionId: second} = await force(name, KEY)
    const {VersionId: marker} = await hide(name, KEY)
    await store.put(recordKey('test', ID, sha256Hex('b')), Buffer.from('b'))
    const shown = (await allOf(store.versions(''))).filter(({key}) => key === KEY)
    // S3 has whole seconds, so that only what is latest is known for sure where all came in one.
    assert.deepEqual(shown.map(({kind, latest}) => ({kind, latest}))[0], {kind: 'delete-marker', latest: true})
    assert.deepEqual(
      new Set(
        shown.map(({version, kind, latest, size}) => `${version === second ? 'second' : version === marker ? 'marker' : 'first'} ${kind} ${latest} ${size}`),
      ),
      new Set(['marker delete-marker true 0', 'second object false 9', 'first object false 9']),
    )
    assert.equal(await store.get(KEY), undefined)
    assert.equal(await store.read(KEY), undefined)
    assert.equal(await store.read(KEY, marker), undefined)
    assert.ok(!(await allOf(store.list(''))).includes(KEY))
    const first = shown.find(({version}) => version !== second && version !== marker)?.version
    assert.equal(Buffer.from((await store.read(KEY, first))?.bytes ?? []).toString(), 'the first')
    assert.equal(Buffer.from((await store.read(KEY, second))?.bytes ?? []).toString(), 'synthetic')
  })

  it('writes over a delete marker: what hides a record does not keep it from coming back', async () => {
    const {name, store} = await make()
    await store.put(KEY, Buffer.from('a'))
    await hide(name, KEY)
    assert.equal(await store.put(KEY, Buffer.from('a')), 'written')
    assert.equal((await allOf(store.versions(''))).length, 3)
  })

  it('shows keys that somebody else made, whatever they are called', async () => {
    const {name, store} = await make({}, {page: 1})
    const odd = ['records/a b', 'records/a+b', 'records/ä&<>"%41', 'records/a\u0001b', 'records/😀', 'records/￮'].toSorted((a, b) =>
      Buffer.compare(Buffer.from(a), Buffer.from(b)),
    )
    for (const key of odd) await force(name, key)
    assert.deepEqual(await allOf(store.list('records/')), odd)
    assert.deepEqual(
      (await allOf(store.versions('records/'))).map(({key}) => key),
      odd,
    )
    assert.deepEqual(
      (await allOf(store.versions('records/', odd[2]))).map(({key}) => key),
      odd.slice(3),
    )
  })

  it('gives each version the default retention of the bucket, and reads it back', async () => {
    for (const [retention, days] of [
      [{mode: 'COMPLIANCE', years: 7}, 7 * 365],
      [{mode: 'GOVERNANCE', days: 30}, 30],
    ] as const) {
      const {store, controls} = await make({retention})
      await store.put(KEY, Buffer.from('a'))
      const {lock, version, lastModified = ''} = (await store.read(KEY)) ?? {}
      assert.equal(lock?.mode, retention.mode)
      const kept = (Date.parse(lock.until ?? '') - Date.parse(lastModified)) / DAY_MS
      assert.ok(Math.abs(kept - days) < TOLERANCE_DAYS, `${kept} days`)
      assert.deepEqual(await controls.lockOf(KEY, version), lock)
    }
  })

  it('says of no lock where there is none', async () => {
    const {store, controls} = await make({retention: 'none'})
    await store.put(KEY, Buffer.from('a'))
    const read = await store.read(KEY)
    assert.ok(read !== undefined && !('lock' in read))
    assert.deepEqual(await controls.lockOf(KEY, read.version), {})
  })

  it('works in a bucket without versions', async () => {
    const {store} = await make({objectLock: false})
    await store.put(KEY, Buffer.from('a'))
    const [shown] = await allOf(store.versions(''))
    assert.equal(Buffer.from((await store.read(KEY, shown?.version))?.bytes ?? []).toString(), 'a')
  })

  it('has no version of a name that is none', async () => {
    const {store} = await make()
    await store.put(KEY, Buffer.from('a'))
    for (const version of ['v000001', '00000000-0000-0000-0000-000000000000']) assert.equal(await store.read(KEY, version), undefined)
  })

  it('writes what no owner can delete or unlock again', async () => {
    const {name: Bucket, store} = await make()
    await store.put(KEY, Buffer.from('a'))
    const VersionId = (await store.read(KEY))?.version
    const at = {Bucket, Key: `evidence/${KEY}`, VersionId}
    const soon = {Mode: 'COMPLIANCE', RetainUntilDate: new Date(Date.now() + DAY_MS)} as const
    await assert.rejects(s3.client().send(new DeleteObjectCommand(at)))
    await assert.rejects(s3.client().send(new PutObjectRetentionCommand({...at, Retention: soon})))
    await assert.rejects(s3.client().send(new PutObjectRetentionCommand({...at, Retention: {...soon, Mode: 'GOVERNANCE'}, BypassGovernanceRetention: true})))
    await assert.rejects(s3.client().send(new PutBucketVersioningCommand({Bucket, VersioningConfiguration: {Status: 'Suspended'}})))
    assert.equal(Buffer.from((await store.read(KEY, VersionId))?.bytes ?? []).toString(), 'a')
  })

  it('lets exactly one of twenty writers win each of ten keys, and leaves one version', async () => {
    const {store} = await make()
    const keys = Array.from({length: 10}, (_, index) => recordKey('test', ID, sha256Hex(String(index))))
    const answers = await Promise.all(keys.flatMap((key) => Array.from({length: 20}, async () => ({key, answer: await store.put(key, Buffer.from(key))}))))
    for (const key of keys) assert.equal(answers.filter((one) => one.key === key && one.answer === 'written').length, 1, key)
    assert.deepEqual(
      (await allOf(store.versions(''))).map(({key}) => key),
      keys.toSorted(),
    )
  })

  it('takes a large blob in one piece, and says that it is there', async () => {
    const {store} = await make()
    const bytes = randomBytes(200 << 20)
    const key = blobKey(sha256Hex(bytes))
    assert.equal(await store.put(key, bytes), 'written')
    // The server hangs up in the middle of the body here, where it is sent without asking.
    for (let time = 0; time < 3; time += 1) assert.equal(await store.put(key, bytes), 'present')
    assert.equal(sha256Hex((await store.get(key)) ?? new Uint8Array()), key.slice(-64))
  })
})
