import assert from 'node:assert/strict'
import {createHash, createPublicKey, verify} from 'node:crypto'
import {callKms, startLocalKms, type LocalKms} from '../local-kms.ts'
import {closedEndpoint, startFaultyKms, type FaultyKms, type KmsFault} from './kms-endpoint.ts'

const MESSAGE = Buffer.from('synthetic statement')
const SIGN = {
  KeyId: 'alias/image-signing',
  Message: createHash('sha256').update(MESSAGE).digest('base64'),
  MessageType: 'DIGEST',
  SigningAlgorithm: 'ECDSA_SHA_256',
}

/** The promise of the faulty key service, held against the real one. */
describe('startFaultyKms', () => {
  let kms: LocalKms
  let open: FaultyKms[]
  before(async () => {
    kms = await startLocalKms({keys: [{alias: 'alias/image-signing'}, {alias: 'alias/off', disabled: true}]})
  })
  after(() => kms.stop())
  beforeEach(() => (open = []))
  afterEach(() => Promise.all(open.map((server) => server.stop())))

  async function faulty(...faults: KmsFault[]): Promise<FaultyKms> {
    const server = await startFaultyKms(kms.endpoint, faults)
    open.push(server)
    return server
  }

  it('answers as the service behind it, where no fault is met', async () => {
    const {endpoint, calls} = await faulty()
    for (const operation of ['DescribeKey', 'GetPublicKey', 'Sign'])
      for (const KeyId of ['alias/image-signing', 'alias/off', 'alias/absent'])
        assert.deepEqual(
          await shape(await callKms(endpoint, operation, {...SIGN, KeyId})),
          await shape(await callKms(kms.endpoint, operation, {...SIGN, KeyId})),
        )
    assert.equal(calls.length, 9)
    assert.deepEqual(calls[0], {operation: 'DescribeKey', keyId: 'alias/image-signing'})

    const {Signature} = (await (await callKms(endpoint, 'Sign', SIGN)).json()) as {Signature: string}
    const key = createPublicKey(await kms.publicKeyPem('alias/image-signing'))
    assert.equal(verify('sha256', MESSAGE, key, Buffer.from(Signature, 'base64')), true)
  })

  it('refuses in the form in which the service itself refuses', async () => {
    const {endpoint} = await faulty({kind: 'exception', name: 'DisabledException'})
    const own = await callKms(kms.endpoint, 'Sign', {...SIGN, KeyId: 'alias/off'})
    const ours = await callKms(endpoint, 'Sign', SIGN)
    assert.deepEqual([ours.status, ours.headers.get('content-type')], [own.status, own.headers.get('content-type')])
    assert.deepEqual(kinds(await ours.json()), kinds(await own.json()))
  })

  it('fails as often as it is told, for the operation it is told', async () => {
    const {endpoint, calls} = await faulty({kind: 'exception', name: 'ThrottlingException', operation: 'Sign', times: 2})
    const statuses = []
    for (const operation of ['GetPublicKey', 'Sign', 'Sign', 'Sign']) statuses.push((await callKms(endpoint, operation, SIGN)).status)
    assert.deepEqual(statuses, [200, 400, 400, 200])
    assert.deepEqual(
      calls.map(({fault}) => fault),
      [undefined, 'exception', 'exception', undefined],
    )
  })

  it('cuts, hangs and answers nonsense', async () => {
    const {endpoint} = await faulty(
      {kind: 'cut', operation: 'DescribeKey'},
      {kind: 'hang', operation: 'GetPublicKey'},
      {kind: 'answer', status: 502, body: '<html>'},
    )
    await assert.rejects(callKms(endpoint, 'DescribeKey', SIGN), /fetch failed/)
    const hanging = assert.rejects(callKms(endpoint, 'GetPublicKey', SIGN), /fetch failed/)
    const answer = await callKms(endpoint, 'Sign', SIGN)
    assert.deepEqual([answer.status, await answer.text()], [502, '<html>'])
    await open[0]?.stop()
    open = []
    await hanging
    await assert.rejects(callKms(await closedEndpoint(), 'Sign', SIGN), (error: Error) => (error.cause as NodeJS.ErrnoException).code === 'ECONNREFUSED')
  })
})

/** Without what differs from call to call. */
async function shape(response: Response): Promise<object> {
  const body = (await response.text()).replace(/"Signature":"[^"]+"/, '"Signature"')
  return {status: response.status, type: response.headers.get('content-type'), body}
}

/** The type of exception, and the names of the fields. */
function kinds(body: unknown): unknown[] {
  const {__type, ...rest} = body as {__type: string}
  return [__type, Object.keys(rest)]
}
