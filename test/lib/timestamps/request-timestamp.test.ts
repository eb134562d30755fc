/** Against a real authority, and a server that answers what a test wants. */
import assert from 'node:assert/strict'
import {once} from 'node:events'
import {createServer, type RequestListener, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {RFC3161Timestamp} from '@sigstore/core'
import {requestTimestamp, TIMESTAMP_DEFAULTS} from '../../../src/lib/timestamps/request-timestamp.ts'
import {closedEndpoint} from '../../fakes/kms-endpoint.ts'
import {startTimestampAuthority, type TimestampAuthority} from '../../timestamp-authority.ts'

const SIGNATURE = Buffer.from('synthetic signature')

describe('requestTimestamp', function () {
  this.timeout(20_000)
  let authority: TimestampAuthority
  let server: Server | undefined

  before(async () => {
    authority = await startTimestampAuthority()
  })
  after(async () => authority.stop())
  afterEach(() => {
    server?.close()
    server?.closeAllConnections()
    server = undefined
  })

  const serve = async (listener: RequestListener): Promise<string> => {
    server = createServer(listener)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/stamp`
  }
  const refuses = async (url: string, message: RegExp, settings: object = {}, signature: Uint8Array = SIGNATURE) =>
    assert.rejects(requestTimestamp(url, signature, {...TIMESTAMP_DEFAULTS, ...settings}), {code: 'timestamp.unreachable', message})
  /** What the real authority answers to `signature`. */
  const answered = async (signature: Uint8Array) => requestTimestamp(authority.url, signature, TIMESTAMP_DEFAULTS)

  it('comes back with a timestamp of the signature, and the certificate that signed it', async () => {
    const stamp = RFC3161Timestamp.parse(Buffer.from(await answered(SIGNATURE)))
    stamp.tstInfo.verify(SIGNATURE)
    assert.ok(stamp.root.toDER().includes(Buffer.from('synthetic')), 'no certificate came along')
  })

  it('asks anew each time: an answer to another question is refused', async () => {
    const kept = await answered(SIGNATURE)
    const url = await serve((_, response) => response.end(kept))
    await refuses(url, /wrong nonce/)
  })

  it('refuses a timestamp of something else', async () => {
    const other = await answered(Buffer.from('something else'))
    await refuses(await serve((_, response) => response.end(other)), /about something else/)
  })

  it('refuses an answer that says no', async () => {
    // TimeStampResp {status {status rejection(2)}}
    const no = Buffer.from('30053003020102', 'hex')
    await refuses(await serve((_, response) => response.end(no)), /refused, with status 2/)
  })

  it('refuses an answer that says yes and holds nothing', async () => {
    const empty = Buffer.from('30053003020100', 'hex')
    await refuses(await serve((_, response) => response.end(empty)), /is no timestamp/)
  })

  for (const [what, bytes] of [
    ['nothing', Buffer.alloc(0)],
    ['a page', Buffer.from('<html>sign in</html>')],
    ['random bytes', Buffer.from('30820fff30030201', 'hex')],
  ] as const) {
    it(`refuses ${what}`, async () => refuses(await serve((_, response) => response.end(bytes)), /is no timestamp/))
  }

  it('refuses half an answer', async () => {
    const whole = await answered(SIGNATURE)
    await refuses(await serve((_, response) => response.end(whole.subarray(0, whole.byteLength / 2))), /is no timestamp/)
  })

  it('reads no more than so many bytes', async () => {
    await refuses(await serve((_, response) => response.end(Buffer.alloc(2_000))), /more than 1000 bytes/, {maxBytes: 1_000})
  })

  it('refuses an error, and follows to nowhere', async () => {
    await refuses(await serve((_, response) => response.writeHead(503).end()), /HTTP 503/)
    server?.close()
    await refuses(await serve((_, response) => response.writeHead(302, {location: authority.url}).end()), /the connection failed/)
  })

  it('gives up where no answer comes', async () => {
    await refuses(await serve(() => undefined), /no answer in time/, {total: 200})
  })

  it('gives up where an answer never ends', async () => {
    await refuses(await serve((_, response) => void response.write('0')), /no answer in time/, {total: 200})
  })

  it('says that nobody listens, without what is secret in the address', async () => {
    const url = `${await closedEndpoint()}/stamp?token=synthetic`
    await refuses(url, /^http:\/\/127\.0\.0\.1:\d+\/stamp gave no timestamp: ECONNREFUSED$/)
  })
})
