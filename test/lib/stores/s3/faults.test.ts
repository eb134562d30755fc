/** A bucket that is busy, cuts, hangs, refuses or lies elsewhere: nothing is lost, nothing hangs, and each has its reason. */
import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {once} from 'node:events'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import process from 'node:process'
import {recordKey} from '../../../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import type {S3Settings} from '../../../../src/lib/stores/s3/open-client.ts'
import {allOf} from '../../../all-of.ts'
import {closedS3, startFaultyS3, type FaultyS3, type FaultyS3Options, type S3Fault} from '../../../fakes/s3-fault-proxy.ts'
import {openTestBucket} from '../../../open-bucket.ts'
import {asAwsEnvironment, startS3, type S3Server} from '../../../s3.ts'

const ID = '01JGFJJZ00ABCDEFGHJKMNPQRS'
const keyOf = (words: string) => recordKey('test', ID, sha256Hex(words))
const KEY = keyOf('a')
const BYTES = Buffer.from('synthetic')
/** Short, so that a test of what never answers is one too. */
const SHORT: Partial<S3Settings> = {each: 200, total: 700, attempts: 2, pause: 20}

describe('the store in a bucket that fails', () => {
  let s3: S3Server
  let proxy: FaultyS3
  let direct: string
  before(async () => {
    s3 = await startS3()
  })
  after(() => s3.stop())
  asAwsEnvironment(() => s3.env)
  afterEach(() => proxy.stop())

  const start = async (options: FaultyS3Options | readonly S3Fault[], settings: Partial<S3Settings> = {pause: 20}) => {
    proxy = await startFaultyS3(s3.endpoint, 'length' in options ? {faults: options} : options)
    direct = (await s3.makeBucket()).address
    return openTestBucket(proxy.through(direct), settings)
  }
  const written = async () => allOf((await openTestBucket(direct)).store.list(''))
  const failure = async (faults: readonly S3Fault[], settings = SHORT) => {
    const {store} = await start(faults, settings)
    return store.put(KEY, BYTES).then(
      () => assert.fail('it was written'),
      ({code, message, suggestions}: {code: string; message: string; suggestions: readonly string[]}) => ({
        code,
        message: message.replaceAll(store.address, 'STORE'),
        suggestions,
      }),
    )
  }

  it('asks for the one thing that it needs: a conditional put with the SHA-256, and no lock', async () => {
    const {store} = await start([])
    await store.put(KEY, BYTES)
    assert.deepEqual(
      proxy.calls.map(({operation}) => operation),
      ['PutObject'],
    )
    const headers = proxy.calls[0]?.headers ?? {}
    assert.equal(headers['if-none-match'], '*')
    assert.equal(headers['x-amz-checksum-sha256'], createHash('sha256').update(BYTES).digest('base64'))
    assert.equal(headers['x-amz-sdk-checksum-algorithm'], 'SHA256')
    const checksums = Object.keys(headers).filter((name) => /^x-amz-checksum-|^content-md5$|^x-amz-trailer$/.test(name))
    assert.deepEqual(checksums, ['x-amz-checksum-sha256'])
    assert.deepEqual(
      Object.keys(headers).filter((name) => /lock|tagging|acl|storage|encryption/.test(name)),
      [],
    )
  })

  it('needs no other right, also where the record is there already', async () => {
    const {store} = await start({only: ['PutObject']})
    assert.deepEqual([await store.put(KEY, BYTES), await store.put(KEY, BYTES)], ['written', 'present'])
    for (const asked of [() => store.get(KEY), () => store.read(KEY, 'v1'), () => allOf(store.list('records/')), () => allOf(store.versions('records/'))])
      await assert.rejects(asked, {code: 'store.refused'})
  })

  for (const code of ['SlowDown', 'InternalError', 'ConditionalRequestConflict'] as const)
    it(`tries again after ${code}, also more often than the SDK does`, async () => {
      const {store} = await start([{kind: 'error', code, times: 5}])
      assert.equal(await store.put(KEY, BYTES), 'written')
      assert.equal(proxy.calls.length, 6)
    })

  it('tries again after a cut connection', async () => {
    const {store} = await start([{kind: 'cut', times: 5}])
    assert.equal(await store.put(KEY, BYTES), 'written')
  })

  it('says present where it was written and the reply was lost', async () => {
    const {store} = await start([{kind: 'lost-reply', times: 1}])
    assert.equal(await store.put(KEY, BYTES), 'present')
    assert.deepEqual(
      proxy.calls.map(({status}) => status),
      [200, 412],
    )
    assert.equal((await allOf((await openTestBucket(direct)).store.versions(''))).length, 1)
  })

  it('tries again what hung, and what hangs for ever ends', async () => {
    const {store} = await start([{kind: 'hang', times: 1}], {...SHORT, total: 5000})
    assert.equal(await store.put(KEY, BYTES), 'written')
    await proxy.stop()
    const {code, message} = await failure([{kind: 'hang'}])
    assert.deepEqual([code, message], ['store.unreachable', `cannot write ${KEY} in STORE: no answer in time`])
  })

  it('gives up after its time, and says what it was used up by', async () => {
    const {code, message} = await failure([{kind: 'error', code: 'SlowDown'}], {...SHORT, attempts: 1, again: 1000})
    assert.deepEqual([code, message], ['store.unreachable', `cannot write ${KEY} in STORE: SlowDown (503)`])
    assert.ok(proxy.calls.length > 2)
    assert.deepEqual(await written(), [])
  })

  it('reads an answer again that broke off', async () => {
    const {store} = await start([{operation: 'GetObject', kind: 'broken-answer', times: 2}])
    const bytes = Buffer.alloc(100_000, 'a')
    await store.put(KEY, bytes)
    assert.deepEqual(Buffer.from((await store.get(KEY)) ?? []), bytes)
    assert.equal(proxy.calls.filter(({operation}) => operation === 'GetObject').length, 3)
  })

  it('never takes half an answer for a whole one', async () => {
    const {store} = await start([{operation: 'GetObject', kind: 'broken-answer'}], {...SHORT, again: 3})
    await store.put(KEY, Buffer.alloc(100_000, 'a'))
    await assert.rejects(store.read(KEY), {code: 'store.unreachable', message: /the answer broke off$/})
  })

  it('loses nothing among faults of every kind', async () => {
    const faults: S3Fault[] = [
      {kind: 'error', code: 'SlowDown', chance: 0.1},
      {kind: 'error', code: 'ConditionalRequestConflict', chance: 0.05},
      {kind: 'cut', chance: 0.05},
      {kind: 'lost-reply', chance: 0.1},
    ]
    const {store} = await start({faults, seed: 11})
    const keys = Array.from({length: 200}, (_, index) => keyOf(`record ${index}`))
    const answers = await Promise.all(keys.map(async (key) => store.put(key, Buffer.from(key))))
    assert.equal(answers.filter((answer) => answer === 'written' || answer === 'present').length, 200)
    assert.ok(answers.includes('present'), 'a reply was lost')
    assert.deepEqual(await written(), keys.toSorted())
  })

  it('says which right is missing', async () => {
    const {code, message, suggestions} = await failure([{kind: 'error', code: 'AccessDenied'}])
    assert.deepEqual([code, message], ['store.refused', `STORE does not let this role write ${KEY}`])
    assert.match(suggestions.join(), /^Allow the role s3:PutObject there/)
    assert.equal(proxy.calls.length, 1)
  })

  for (const code of ['InvalidAccessKeyId', 'ExpiredToken'] as const)
    it(`says that the credentials are not accepted: ${code}`, async () => {
      assert.deepEqual((await failure([{kind: 'error', code}])).message, `the credentials given for STORE are not accepted: ${code}`)
    })

  it('says in which region it lies', async () => {
    const {code, message, suggestions} = await failure([{kind: 'error', code: 'PermanentRedirect', headers: {'x-amz-bucket-region': 'eu-central-1'}}])
    assert.deepEqual([code, message], ['store.unreachable', 'STORE lies in the region eu-central-1'])
    assert.deepEqual(suggestions, ['Add region=eu-central-1 to the address, or set AWS_REGION.'])
  })

  for (const code of ['InvalidRequest', 'NotImplemented'] as const)
    it(`is refused by what does not know such a request: ${code}`, async () => {
      const {code: reason, message} = await failure([{kind: 'error', code}])
      assert.equal(reason, 'store.refused')
      assert.match(message, new RegExp(`: ${code} \\(`))
    })

  it('says that there are no credentials, and no region', async () => {
    const {store} = await start([])
    const {AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, AWS_REGION: ___, ...rest} = process.env
    process.env = rest
    await assert.rejects((await openTestBucket(store.address, SHORT)).store.put(KEY, BYTES), {
      code: 'store.refused',
      message: `there are no AWS credentials for ${store.address}`,
    })
    await assert.rejects(openTestBucket(store.address.replace('region=us-east-1&', '')), {code: 'store.refused', message: /^nothing says in which AWS region/})
  })

  it('takes the region from the variables where the address has none', async () => {
    const {store} = await start([])
    const without = store.address.replace('region=us-east-1&', '')
    const {AWS_REGION: _, ...rest} = process.env
    process.env = {...rest, AWS_DEFAULT_REGION: 'us-east-1'}
    assert.equal(await (await openTestBucket(without)).store.put(KEY, BYTES), 'written')
    assert.match(proxy.calls[0]?.headers.authorization ?? '', /\/us-east-1\/s3\/aws4_request/)
  })

  it('finds an endpoint by AWS_ENDPOINT_URL_S3 too', async () => {
    const {store} = await start([])
    process.env['AWS_ENDPOINT_URL_S3'] = proxy.endpoint
    assert.equal(await (await openTestBucket(store.address.replace(/&endpoint=.*/, ''))).store.put(KEY, BYTES), 'written')
    assert.match(proxy.calls[0]?.path ?? '', /^\/evidence-\d+\/evidence\/records/)
  })

  it('says that there is no such bucket', async () => {
    const {store} = await start([])
    const {store: absent} = await openTestBucket(store.address.replace(/evidence-\d+/, 'no-such-bucket'))
    await assert.rejects(absent.put(KEY, BYTES), {code: 'store.unreachable', message: /^there is no bucket no-such-bucket/})
    await assert.rejects(absent.get(KEY), {code: 'store.unreachable'})
    await assert.rejects(allOf(absent.list('')), {code: 'store.unreachable'})
  })

  it('says that nobody listens', async () => {
    await start([])
    const {store} = await openTestBucket(`s3://synthetic/evidence?region=us-east-1&endpoint=${await closedS3()}`, SHORT)
    await assert.rejects(store.put(KEY, BYTES), {code: 'store.unreachable', message: /: ECONNREFUSED$/})
  })

  it('takes nothing from what answers everything and is no bucket', async () => {
    await start([])
    const page = '<html><body>Log in, please</body></html>'
    const server = createServer((_, response) => response.writeHead(200, {'content-type': 'text/html'}).end(page)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const {store} = await openTestBucket(`s3://synthetic/evidence?region=us-east-1&endpoint=${endpoint}`, SHORT)
    try {
      for (const asked of [() => store.put(KEY, BYTES), () => store.get(KEY), () => allOf(store.list('')), () => allOf(store.versions(''))])
        await assert.rejects(asked, {code: 'store.unreachable'})
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})
