/** P-256 against a real key service, Ed25519 against one with a promise; in front of them one that fails on demand. */
import assert from 'node:assert/strict'
import process from 'node:process'
import {AWS_DEFAULTS} from '../../../src/lib/keys/aws-client.ts'
import {openCheckpointKey} from '../../../src/lib/keys/open-checkpoint-key.ts'
import {isSignedBy, verifierKey} from '../../../src/lib/ledger/note.ts'
import {startEd25519Kms, type Ed25519Kms} from '../../fakes/ed25519-kms.ts'
import {startFaultyKms, type FaultyKms, type KmsFault} from '../../fakes/kms-endpoint.ts'
import {startLocalKms, type LocalKms} from '../../local-kms.ts'

const ALIAS = 'alias/evidence-checkpoint'
const URI = `awskms:///${ALIAS}`
const TEXT = Buffer.from('acme.example/evidence\n1\nsynthetic\n')

describe('openCheckpointKey', function () {
  this.timeout(30_000)
  let local: LocalKms
  let edwards: Ed25519Kms
  let faulty: FaultyKms | undefined
  const own = {...process.env}

  before(async () => {
    ;[local, edwards] = await Promise.all([
      startLocalKms({
        keys: [
          {alias: ALIAS},
          {alias: 'alias/p384', spec: 'ECC_NIST_P384'},
          {alias: 'alias/encrypting', spec: 'SYMMETRIC_DEFAULT'},
          {alias: 'alias/off', disabled: true},
        ],
      }),
      startEd25519Kms({alias: ALIAS}),
    ])
  })
  after(async () => Promise.all([local.stop(), edwards.stop()]))
  afterEach(async () => {
    process.env = {...own}
    await faulty?.stop()
    faulty = undefined
  })

  /** The SDK looks at the variables of the process itself. */
  const open = async (uri: string, env: Readonly<Record<string, string>>, settings: object = {}) => {
    const without = Object.entries(own).filter(([name]) => !name.startsWith('AWS_'))
    process.env = {...Object.fromEntries(without), AWS_CONFIG_FILE: '/nowhere', AWS_SHARED_CREDENTIALS_FILE: '/nowhere', ...env}
    return openCheckpointKey(uri, {...AWS_DEFAULTS, env: process.env, note: (text) => assert.fail(text), ...settings})
  }
  const openFaulty = async (faults: readonly KmsFault[], settings: object = {}) => {
    faulty = await startFaultyKms(edwards.endpoint, faults)
    return open(URI, faulty.env, settings)
  }

  it('signs with an Ed25519 key of a key service: the text itself, not a digest of it', async () => {
    const {spki, credential, sign} = await open(URI, edwards.env)
    assert.deepEqual(Buffer.from(spki), Buffer.from(edwards.spki))
    assert.equal(credential, 'access-key')
    const key = verifierKey('a', spki)
    assert.equal(key.algorithm, 'ed25519')
    const signature = await sign(TEXT)
    assert.ok(isSignedBy(key, TEXT, signature))
    // A checkpoint that is signed again after a crash is the very same.
    assert.deepEqual(await sign(TEXT), signature)
    assert.deepEqual(edwards.asked.at(-1), {MessageType: 'RAW', SigningAlgorithm: 'ED25519_SHA_512'})
  })

  it('signs with a P-256 key of a key service', async () => {
    const {spki, sign} = await open(URI, local.env)
    const key = verifierKey('a', spki)
    assert.equal(key.algorithm, 'ecdsa-p256')
    assert.ok(isSignedBy(key, TEXT, await sign(TEXT)))
  })

  it('signs with the key that it looked at, by its own name', async () => {
    const key = await openFaulty([])
    await key.sign(TEXT)
    assert.deepEqual(faulty?.calls, [
      {operation: 'DescribeKey', keyId: ALIAS},
      {operation: 'GetPublicKey', keyId: edwards.arn},
      {operation: 'Sign', keyId: edwards.arn},
    ])
  })

  for (const [uri, code] of [
    ['awskms:///alias/p384', 'key.unsupported'],
    ['awskms:///alias/encrypting', 'key.unsupported'],
    ['awskms:///alias/off', 'key-service.refused'],
    ['awskms:///alias/nobody', 'key-service.refused'],
    ['awskms:///no key', 'key.missing'],
    ['gcpkms://projects/p', 'key.unsupported'],
    ['file:/nowhere/checkpoint.key', 'key.missing'],
  ] as const)
    it(`refuses ${uri} before anything is signed`, async () => {
      await assert.rejects(open(uri, local.env), {code})
    })

  it('takes no signature that its own public half does not verify', async () => {
    const {Signature} = {Signature: Buffer.alloc(64, 7).toString('base64')}
    const key = await openFaulty([{kind: 'answer', operation: 'Sign', status: 200, body: JSON.stringify({Signature, KeyId: edwards.arn})}])
    await assert.rejects(key.sign(TEXT), {code: 'key-service.unreachable', message: `AWS answered for ${URI}, but its signature is not one of the key's`})
  })

  it('takes no public half that is no key', async () => {
    const body = JSON.stringify({PublicKey: Buffer.from('no key').toString('base64')})
    await assert.rejects(openFaulty([{kind: 'answer', operation: 'GetPublicKey', status: 200, body}]), {code: 'key-service.unreachable', message: /is no key$/})
  })

  for (const operation of ['DescribeKey', 'GetPublicKey', 'Sign'] as const) {
    it(`tells that ${operation} is not allowed`, async () => {
      const tried = (async () => (await openFaulty([{kind: 'exception', name: 'AccessDeniedException', operation}])).sign(TEXT))()
      await assert.rejects(tried, {code: 'key-service.refused', message: `the key ${URI} may not be used by this role`})
    })

    it(`tries ${operation} again where it is throttled once, and gives up where it goes on`, async () => {
      const once = await openFaulty([{kind: 'exception', name: 'ThrottlingException', times: 1, operation}])
      assert.ok(isSignedBy({algorithm: 'ed25519', spki: edwards.spki}, TEXT, await once.sign(TEXT)))
      await faulty?.stop()
      const tried = (async () => (await openFaulty([{kind: 'exception', name: 'ThrottlingException', operation}])).sign(TEXT))()
      await assert.rejects(tried, {code: 'key-service.unreachable', message: /ThrottlingException/})
    })

    it(`does not wait for ever for ${operation}`, async () => {
      const tried = (async () => (await openFaulty([{kind: 'hang', operation}], {total: 400, attempts: 2})).sign(TEXT))()
      await assert.rejects(tried, {code: 'key-service.unreachable', message: /no answer in time/})
    })
  }
})
