/** The proxy keeps its promise: what meets no fault is as without it, and each fault is what it says. */
import assert from 'node:assert/strict'
import {randomBytes} from 'node:crypto'
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import {startS3, type S3Server} from '../s3.ts'
import {startFaultyS3, type FaultyS3, type FaultyS3Options, type S3Fault} from './s3-fault-proxy.ts'

describe('the S3 proxy that fails on demand', () => {
  let s3: S3Server
  let proxy: FaultyS3
  let client: S3Client
  let Bucket: string
  before(async () => {
    s3 = await startS3()
  })
  after(() => s3.stop())
  beforeEach(async () => {
    Bucket = (await s3.makeBucket()).name
  })
  afterEach(async () => {
    client.destroy()
    await proxy.stop()
  })

  const start = async (options?: FaultyS3Options) => {
    proxy = await startFaultyS3(s3.endpoint, options)
    const {AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = ''} = s3.env
    client = new S3Client({endpoint: proxy.endpoint, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1, credentials: {accessKeyId, secretAccessKey}})
  }
  const put = async (Key = 'a', Body: string | Uint8Array = 'synthetic') => client.send(new PutObjectCommand({Bucket, Key, Body, IfNoneMatch: '*'}))
  /** What became of n puts: the status, or that there was no answer. */
  const outcomes = async (count: number, prefix = 'k') => {
    const statuses: (number | undefined)[] = []
    for (let index = 0; index < count; index += 1) statuses.push(await statusOf(put(`${prefix}${index}`)))
    return statuses
  }

  it('passes signed requests and answers on as they are', async () => {
    await start()
    const bytes = randomBytes(3 << 20)
    const {VersionId} = await put('ä b+c', bytes)
    const {Body, ...answer} = await client.send(new GetObjectCommand({Bucket, Key: 'ä b+c'}))
    assert.deepEqual(Buffer.from((await Body?.transformToByteArray()) ?? []), bytes)
    const {Body: same, ...direct} = await s3.client().send(new GetObjectCommand({Bucket, Key: 'ä b+c'}))
    assert.deepEqual(Buffer.from((await same?.transformToByteArray()) ?? []), bytes)
    assert.deepEqual({...answer, $metadata: undefined}, {...direct, $metadata: undefined})
    assert.equal(direct.VersionId, VersionId)
    assert.equal(await statusOf(put('ä b+c')), 412)
    const [first] = proxy.calls
    assert.deepEqual(
      [first?.operation, first?.status, first?.headers['if-none-match'], first?.path],
      ['PutObject', 200, '*', `/${Bucket}/%C3%A4%20b%2Bc?x-id=PutObject`],
    )
  })

  it('answers errors as S3 does, each for its requests and times', async () => {
    await start({
      faults: [
        {operation: 'PutObject', kind: 'error', code: 'SlowDown', nth: 2},
        {operation: 'PutObject', path: /k3/, kind: 'error', code: 'ConditionalRequestConflict', times: 1},
        {operation: 'HeadObject', kind: 'error', code: 'AccessDenied'},
      ],
    })
    assert.deepEqual(await outcomes(5), [200, 503, 200, 409, 200])
    assert.equal(await statusOf(put('k3')), 200)
    assert.equal(await statusOf(client.send(new HeadObjectCommand({Bucket, Key: 'k0'}))), 403)
    assert.deepEqual(
      proxy.calls.filter(({fault}) => fault !== undefined).map(({operation, status}) => `${operation} ${status}`),
      ['PutObject 503', 'PutObject 409', 'HeadObject 403'],
    )
    await assert.rejects(s3.client().send(new HeadObjectCommand({Bucket, Key: 'k1'})), {name: 'NotFound'})
  })

  it('cuts before the server is asked, or after it has done what it was asked', async () => {
    const faults: S3Fault[] = [
      {path: /cut/, kind: 'cut'},
      {path: /lost/, kind: 'lost-reply', times: 1},
    ]
    await start({faults})
    assert.deepEqual([await statusOf(put('cut')), await statusOf(put('lost'))], [undefined, undefined])
    assert.equal(await statusOf(put('lost')), 412)
    const {Contents: found} = await client.send(new ListObjectsV2Command({Bucket}))
    assert.deepEqual(
      found?.map(({Key}) => Key),
      ['lost'],
    )
  })

  it('breaks an answer off, and lets another wait for ever', async () => {
    await start({
      faults: [
        {operation: 'GetObject', kind: 'broken-answer'},
        {operation: 'ListObjectVersions', kind: 'hang'},
      ],
    })
    await put('a', randomBytes(100_000))
    const {Body} = await client.send(new GetObjectCommand({Bucket, Key: 'a'}))
    await assert.rejects(async () => Body?.transformToByteArray())
    const waiting = new AbortController()
    const late = client.send(new ListObjectVersionsCommand({Bucket}), {abortSignal: waiting.signal})
    while (proxy.calls.length < 3) await new Promise(setImmediate)
    waiting.abort()
    await assert.rejects(late, {name: 'AbortError'})
  })

  it('fails by chance, the same way for the same seed', async () => {
    const withSeed = async (seed: number) => {
      await start({seed, faults: [{kind: 'error', code: 'InternalError', chance: 0.3}]})
      const statuses = await outcomes(40, `s${proxy.endpoint.slice(-5)}-`)
      client.destroy()
      await proxy.stop()
      return statuses
    }
    const first = await withSeed(7)
    const failed = first.filter((status) => status === 500).length
    assert.ok(failed > 4 && failed < 24, `${failed} of 40`)
    assert.deepEqual(await withSeed(7), first)
    assert.notDeepEqual(await withSeed(8), first)
    await start()
  })

  it('is a role that may put objects, and nothing more', async () => {
    await start({only: ['PutObject']})
    assert.equal(await statusOf(put()), 200)
    for (const ask of [
      () => client.send(new GetObjectCommand({Bucket, Key: 'a'})),
      () => client.send(new HeadObjectCommand({Bucket, Key: 'a'})),
      () => client.send(new ListObjectsV2Command({Bucket})),
      () => client.send(new ListObjectVersionsCommand({Bucket})),
      () => client.send(new PutObjectTaggingCommand({Bucket, Key: 'a', Tagging: {TagSet: []}})),
      () => client.send(new PutObjectCommand({Bucket, Key: 'b', Body: 'synthetic', ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: new Date()})),
      () => client.send(new PutObjectCommand({Bucket, Key: 'b', Body: 'synthetic', Tagging: 'a=b'})),
    ])
      assert.equal(await statusOf(ask()), 403)
    assert.equal(proxy.calls.filter(({fault}) => fault === 'refused').length, 7)
  })
})

async function statusOf(work: Promise<unknown>): Promise<number | undefined> {
  try {
    await work
    return 200
  } catch (error) {
    return (error as {$metadata?: {httpStatusCode?: number}}).$metadata?.httpStatusCode
  }
}
