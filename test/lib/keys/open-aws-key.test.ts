/** Against a real key service, and one in front of it that fails on demand. */
import assert from 'node:assert/strict'
import {createHash, verify} from 'node:crypto'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {AWS_DEFAULTS} from '../../../src/lib/keys/aws-client.ts'
import {openAwsKey} from '../../../src/lib/keys/open-aws-key.ts'
import {closedEndpoint, startFaultyKms, type FaultyKms, type KmsFault} from '../../fakes/kms-endpoint.ts'
import {startSts, type StsEndpoint} from '../../fakes/sts-endpoint.ts'
import {startLocalKms, type LocalKms} from '../../local-kms.ts'

const URI = 'awskms:///alias/image-signing'
const DIGEST = createHash('sha256').update('synthetic').digest()

describe('openAwsKey', function () {
  this.timeout(30_000)
  let kms: LocalKms
  let faulty: FaultyKms | undefined
  const own = {...process.env}

  before(async () => {
    kms = await startLocalKms({
      keys: [
        {alias: 'alias/image-signing'},
        {alias: 'alias/p384', spec: 'ECC_NIST_P384'},
        {alias: 'alias/rsa', spec: 'RSA_2048'},
        {alias: 'alias/encrypting', spec: 'SYMMETRIC_DEFAULT'},
        {alias: 'alias/disabled', disabled: true},
      ],
    })
  })
  after(async () => kms.stop())
  afterEach(async () => {
    process.env = {...own}
    await faulty?.stop()
    faulty = undefined
  })

  /** The SDK looks at the variables of the process itself. */
  const open = async (uri: string, env: Readonly<Record<string, string>> = kms.env, settings: object = {}) => {
    const without = Object.entries(own).filter(([name]) => !name.startsWith('AWS_'))
    process.env = {...Object.fromEntries(without), AWS_CONFIG_FILE: '/nowhere', AWS_SHARED_CREDENTIALS_FILE: '/nowhere', ...env}
    return openAwsKey(uri, {...AWS_DEFAULTS, env: process.env, ...settings})
  }
  const openFaulty = async (faults: readonly KmsFault[], settings: object = {}) => {
    faulty = await startFaultyKms(kms.endpoint, faults)
    return open(URI, faulty.env, settings)
  }

  it('signs a digest so that the public half verifies it', async () => {
    const key = await open(URI)
    assert.equal(key.public.pem, await kms.publicKeyPem('alias/image-signing'))
    // The digest is not hashed again: over what was hashed it verifies.
    assert.ok(verify('sha256', Buffer.from('synthetic'), key.public.pem, await key.sign(DIGEST)))
  })

  it('takes an ARN as well, and its region', async () => {
    const {AWS_REGION: _, ...nowhere} = kms.env
    const key = await open(`awskms:///${await kms.keyArn('alias/image-signing')}`, nowhere)
    assert.equal(key.public.pem, await kms.publicKeyPem('alias/image-signing'))
    assert.match((await key.childVariables())['AWS_REGION'] ?? '', /^[a-z]+-[a-z]+-\d$/)
  })

  it('signs with the key that it looked at, by its own name', async () => {
    faulty = await startFaultyKms(kms.endpoint)
    const key = await open(URI, faulty.env)
    await key.sign(DIGEST)
    const arn = await kms.keyArn('alias/image-signing')
    assert.deepEqual(faulty.calls, [
      {operation: 'DescribeKey', keyId: 'alias/image-signing'},
      {operation: 'GetPublicKey', keyId: arn},
      {operation: 'Sign', keyId: arn},
    ])
  })

  it('hands a child the credentials that were judged, and no way to find others', async () => {
    const ends = {AWS_ACCESS_KEY_ID: 'ASIASYNTHETIC0000000', AWS_SESSION_TOKEN: 'synthetic token', AWS_ROLE_ARN: 'synthetic', AWS_TLS_INSECURE_SKIP_VERIFY: '1'}
    const key = await open(URI, {...kms.env, ...ends})
    assert.equal(key.credential, 'assumed-role')
    assert.deepEqual(await key.childVariables(), {
      AWS_ENDPOINT_URL_KMS: kms.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'ASIASYNTHETIC0000000',
      AWS_SECRET_ACCESS_KEY: 'synthetic',
      AWS_SESSION_TOKEN: 'synthetic token',
      AWS_EC2_METADATA_DISABLED: 'true',
    })
  })

  it('says what kind of credential it was given', async () => {
    assert.equal((await open(URI)).credential, 'access-key')
  })

  describe('with a role that is assumed by a token of the job', () => {
    let sts: StsEndpoint
    let folder: string
    const openAs = async (mood: Parameters<typeof startSts>[0], settings: object = {}) => {
      sts = await startSts(mood)
      const {AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...place} = kms.env
      const file = join(folder, 'token')
      writeFileSync(file, 'synthetic token')
      const role = {AWS_ENDPOINT_URL_STS: sts.endpoint, AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/build'}
      return open(URI, {...place, ...role}, settings)
    }

    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'web-identity-'))))
    afterEach(async () => {
      rmSync(folder, {recursive: true, force: true})
      await sts.stop()
    })

    it('says so', async () => {
      assert.equal((await openAs('gives')).credential, 'web-identity')
    })

    it('tells that the role is refused, without the words of the service', async () => {
      const message = `AWS does not accept the credentials given for ${URI}: InvalidIdentityTokenException`
      await assert.rejects(openAs('refuses'), {code: 'key-service.refused', message})
    })

    it('does not wait for ever', async () => {
      await assert.rejects(openAs('hangs', {total: 300}), {code: 'key-service.unreachable', message: /no answer in time/})
    })
  })

  for (const alias of ['p384', 'rsa', 'encrypting']) {
    it(`refuses a key of another kind before anything is signed: ${alias}`, async () => {
      await assert.rejects(open(`awskms:///alias/${alias}`), {code: 'key.unsupported', message: /^the key awskms:\/\/\/alias\/\w+ is of the kind (?!unknown)/})
    })
  }

  it('refuses a key that is disabled', async () => {
    await assert.rejects(open('awskms:///alias/disabled'), {code: 'key-service.refused', message: /Disabled/})
  })

  it('refuses an alias that is not there', async () => {
    await assert.rejects(open('awskms:///alias/nobody'), {code: 'key-service.refused', message: /is not there, in this account and region/})
  })

  it('says that there are no credentials', async () => {
    const {AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...nobody} = kms.env
    await assert.rejects(open(URI, nobody), {code: 'key-service.refused', message: `there are no AWS credentials for ${URI}`})
  })

  it('says that no region is known', async () => {
    const {AWS_REGION: _, ...nowhere} = kms.env
    await assert.rejects(open(URI, nowhere), {code: 'key-service.refused', message: `nothing says in which AWS region ${URI} lies`})
  })

  for (const [name, words] of [
    ['AccessDeniedException', 'may not be used by this role'],
    ['DisabledException', 'is disabled'],
    ['KMSInvalidStateException', 'is in a state in which it cannot sign'],
    ['NotFoundException', 'is not there, in this account and region'],
  ] as const) {
    for (const operation of ['DescribeKey', 'GetPublicKey', 'Sign'] as const) {
      it(`tells ${name} of ${operation}, without its words`, async () => {
        const tried = (async () => (await openFaulty([{kind: 'exception', name, operation}])).sign(DIGEST))()
        await assert.rejects(tried, {code: 'key-service.refused', message: `the key ${URI} ${words}`})
      })
    }
  }

  it('tries again where it is throttled once', async () => {
    const key = await openFaulty([{kind: 'exception', name: 'ThrottlingException', times: 1}])
    assert.ok((await key.sign(DIGEST)).byteLength > 60)
    assert.equal(faulty?.calls.length, 4)
  })

  it('gives up where it goes on being throttled', async () => {
    await assert.rejects(openFaulty([{kind: 'exception', name: 'ThrottlingException'}]), {code: 'key-service.unreachable', message: /ThrottlingException/})
    assert.equal(faulty?.calls.length, AWS_DEFAULTS.attempts)
  })

  for (const [what, fault] of [
    ['a broken service', {kind: 'answer', status: 503, body: '{}'}],
    ['a page of something else', {kind: 'answer', status: 200, body: '<html>sign in</html>'}],
    ['an empty answer', {kind: 'answer', status: 200, body: '{}'}],
    ['a cut connection', {kind: 'cut'}],
    ['no answer', {kind: 'hang'}],
  ] as const) {
    for (const operation of ['DescribeKey', 'GetPublicKey', 'Sign'] as const) {
      it(`takes ${what} to ${operation} for out of reach`, async () => {
        const tried = (async () => (await openFaulty([{...fault, operation}], {total: 400, attempts: 2})).sign(DIGEST))()
        await assert.rejects(tried, {code: 'key-service.unreachable'})
      })
    }
  }

  it('says that nobody listens', async () => {
    const env = {...kms.env, AWS_ENDPOINT_URL_KMS: await closedEndpoint()}
    await assert.rejects(open(URI, env), {code: 'key-service.unreachable', message: /ECONNREFUSED/})
  })

  it('goes to the endpoint of the URI, by https', async () => {
    const host = kms.endpoint.replace('http://', '')
    await assert.rejects(open(`awskms://${host}/alias/image-signing`), {code: 'key-service.unreachable'})
  })
})
