import assert from 'node:assert/strict'
import {createPublicKey, verify} from 'node:crypto'
import {callKms} from '../local-kms.ts'
import {startEd25519Kms, type Ed25519Kms} from './ed25519-kms.ts'

const ALIAS = 'alias/evidence-checkpoint'
const TEXT = Buffer.from('acme.example/evidence\n1\nsynthetic\n')

interface Answer {
  readonly __type?: string
  readonly Signature?: string
  readonly PublicKey?: string
  readonly KeyMetadata?: {readonly Arn: string; readonly KeySpec: string; readonly KeyUsage: string; readonly KeyState: string}
}

/** The promise of the key service that the real one for tests does not keep. */
describe('startEd25519Kms', () => {
  let open: Ed25519Kms[]
  beforeEach(() => (open = []))
  afterEach(async () => Promise.all(open.map(async (kms) => kms.stop())))
  const start = async (options: {disabled?: boolean} = {}) => {
    const kms = await startEd25519Kms({alias: ALIAS, ...options})
    open.push(kms)
    return kms
  }
  const call = async ({endpoint}: Ed25519Kms, operation: string, body: object = {}) => {
    const response = await callKms(endpoint, operation, {KeyId: ALIAS, ...body})
    return {status: response.status, ...((await response.json()) as Answer)}
  }
  const signing = async (kms: Ed25519Kms, body: object) => call(kms, 'Sign', {Message: TEXT.toString('base64'), SigningAlgorithm: 'ED25519_SHA_512', ...body})

  it('is known by alias, id and ARN, and describes itself', async () => {
    const kms = await start()
    for (const KeyId of [ALIAS, kms.arn, kms.arn.split('/')[1]]) {
      const {KeyMetadata: key} = await call(kms, 'DescribeKey', {KeyId})
      assert.deepEqual([key?.Arn, key?.KeySpec, key?.KeyUsage, key?.KeyState], [kms.arn, 'ECC_NIST_EDWARDS25519', 'SIGN_VERIFY', 'Enabled'])
    }
    assert.equal((await call(kms, 'GetPublicKey')).PublicKey, Buffer.from(kms.spki).toString('base64'))
    for (const operation of ['DescribeKey', 'GetPublicKey', 'Sign']) {
      const {status, __type} = await call(kms, operation, {KeyId: 'alias/nobody'})
      assert.deepEqual([status, __type], [400, 'NotFoundException'])
    }
  })

  it('signs a message as it is, with and without saying so', async () => {
    const kms = await start()
    const key = createPublicKey({key: Buffer.from(kms.spki), format: 'der', type: 'spki'})
    for (const body of [{}, {MessageType: 'RAW'}]) {
      const {Signature = ''} = await signing(kms, body)
      assert.ok(verify(null, TEXT, key, Buffer.from(Signature, 'base64')))
    }
    assert.deepEqual(kms.asked[0], {MessageType: 'RAW', SigningAlgorithm: 'ED25519_SHA_512'})
  })

  for (const [what, body, type] of [
    ['a digest', {MessageType: 'DIGEST'}, 'ValidationException'],
    ['a pre-hashed signature', {SigningAlgorithm: 'ED25519_PH_SHA_512', MessageType: 'DIGEST'}, 'InvalidKeyUsageException'],
    ['an ECDSA signature', {SigningAlgorithm: 'ECDSA_SHA_256'}, 'InvalidKeyUsageException'],
    ['more than 4096 bytes', {Message: Buffer.alloc(4097).toString('base64')}, 'ValidationException'],
    ['nothing', {Message: ''}, 'ValidationException'],
  ] as const)
    it(`refuses ${what}`, async () => {
      const {status, __type, Signature} = await signing(await start(), body)
      assert.deepEqual([status, __type, Signature], [400, type, undefined])
    })

  it('takes 4096 bytes', async () => {
    assert.equal((await signing(await start(), {Message: Buffer.alloc(4096).toString('base64')})).status, 200)
  })

  it('is described, and does nothing else, while it is disabled', async () => {
    const kms = await start({disabled: true})
    assert.equal((await call(kms, 'DescribeKey')).KeyMetadata?.KeyState, 'Disabled')
    for (const answer of [await call(kms, 'GetPublicKey'), await signing(kms, {})]) {
      const {__type} = answer
      assert.equal(__type, 'DisabledException')
    }
  })
})
