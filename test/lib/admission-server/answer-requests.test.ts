/** What is answered, and what is not: bounds of path, method, type, size and time. */
import assert from 'node:assert/strict'
import {once} from 'node:events'
import type {TLSSocket} from 'node:tls'
import {admissionServers} from '../../admission-server.ts'

describe('a request to the admission server', () => {
  const bed = admissionServers()
  const never = async () => new Promise<never>(() => undefined)
  const errorIn = (body: string) => (JSON.parse(body) as {response: {systemError: string}}).response.systemError
  const JSON_TYPE = {'content-type': 'application/json'}

  const REFUSED = [
    ['another path', {path: '/'}, 404, 'not-found'],
    ['a path that only begins so', {path: '/validate/x'}, 404, 'not-found'],
    ['another method', {method: 'PUT'}, 405, 'not-found'],
    ['what is not JSON', {headers: {'content-type': 'text/plain'}}, 415, 'not-found'],
    ['what says nothing of its type', {headers: {}}, 415, 'not-found'],
    ['a body that is too large', {body: 'x'.repeat(1_001)}, 413, 'too-large'],
    ['one that does not say so before', {headers: {...JSON_TYPE, 'transfer-encoding': 'chunked'}, body: 'x'.repeat(1_001)}, 413, 'too-large'],
  ] as const
  for (const [what, asked, status, outcome] of REFUSED) {
    it(`is refused with ${status}: ${what}`, async () => {
      const {server, requests} = await bed.start({answer: () => assert.fail('it was asked')}, {limits: {bodyBytes: 1_000}})
      const told = await bed.post(server, asked)
      assert.deepEqual([told.status, told.headers['content-type'], told.headers.connection], [status, 'application/json', 'close'])
      assert.equal(told.headers.allow, status === 405 ? 'POST' : undefined)
      const {why, peer} = await requests.first((request) => request.outcome === outcome && request.status === status)
      assert.deepEqual([why, peer], [errorIn(told.body), 'gatekeeper'])
    })
  }

  it('may have as many bytes as are allowed', async () => {
    const {server} = await bed.start({}, {limits: {bodyBytes: 1_000}})
    for (const headers of [JSON_TYPE, {'content-type': 'application/json; charset=utf-8', 'transfer-encoding': 'chunked'}])
      assert.equal((await bed.post(server, {headers, body: 'x'.repeat(1_000)})).body.length, 1_000)
  })

  it('is refused where others hold all that may be held, and not any more when they are answered', async () => {
    const {promise, resolve} = Promise.withResolvers<void>()
    const {promise: begun, resolve: begin} = Promise.withResolvers<void>()
    const answer = async (body: Uint8Array) => {
      begin()
      await promise
      return body
    }
    const {server} = await bed.start({answer}, {limits: {heldBytes: 1_500}})
    const first = bed.post(server, {body: 'x'.repeat(1_000)})
    await begun
    const second = await bed.post(server, {body: 'x'.repeat(1_000)})
    assert.deepEqual([second.status, errorIn(second.body)], [503, 'too much is asked at the same time'])
    resolve()
    assert.equal((await first).status, 200)
    assert.equal((await bed.post(server, {body: 'x'.repeat(1_500)})).status, 200)
  })

  it('is told after the deadline that there is no verdict, while the work goes on', async () => {
    const {promise, resolve} = Promise.withResolvers<void>()
    const {promise: finished, resolve: finish} = Promise.withResolvers<string>()
    const answer = async (body: Uint8Array) => {
      await promise
      finish('the record is written')
      return body
    }
    const {server, requests, faults} = await bed.start({answer}, {deadline: 30})
    const told = await bed.post(server)
    assert.deepEqual([told.status, errorIn(told.body)], [503, 'there is no verdict after 30 ms; it goes on being made'])
    assert.equal('items' in (JSON.parse(told.body) as {response: object}).response, false)
    assert.equal((await requests.first(() => true)).outcome, 'deadline')
    resolve()
    assert.equal(await finished, 'the record is written')
    assert.deepEqual([requests.all.length, faults.all], [1, []])
  })

  it('takes no other down when its work fails after the deadline, and the fault is told', async () => {
    const {promise, reject} = Promise.withResolvers<never>()
    const {server, faults} = await bed.start({answer: async () => promise}, {deadline: 30})
    assert.equal((await bed.post(server)).status, 503)
    reject(new Error('too late'))
    assert.match(String(await faults.first(() => true)), /too late/)
  })

  it('is never passed where the handler throws, and does not learn what it threw', async () => {
    for (const answer of [async () => Promise.reject(new Error('password=hunter2')), () => assert.fail('password=hunter2')]) {
      const {server, requests, faults} = await bed.start({answer})
      const told = await bed.post(server)
      assert.equal(told.status, 500)
      assert.doesNotMatch(told.body, /hunter2/)
      assert.match(errorIn(told.body), /could not be made/)
      assert.equal((await requests.first(() => true)).outcome, 'failed')
      assert.match(String(await faults.first(() => true)), /hunter2/)
    }
  })

  it('is answered also where whoever is told of it throws', async () => {
    const {server, faults} = await bed.start({onRequest: () => assert.fail('the log is full')})
    assert.equal((await bed.post(server)).status, 200)
    assert.match(String(await faults.first(() => true)), /the log is full/)
    assert.equal((await bed.post(server)).status, 200)
  })

  it('may come byte by byte only until the deadline', async () => {
    const {server, requests} = await bed.start({answer: () => assert.fail('it was asked')}, {deadline: 30})
    const socket = await bed.socketTo(server)
    socket.write(`${HEAD}content-length: 100\r\n\r\n{`)
    assert.match(await everythingFrom(socket), /^HTTP\/1\.1 408 [^]*connection: close[^]*did not come whole within 30 ms/i)
    assert.equal((await requests.first(() => true)).outcome, 'deadline')
  })

  it('may not go on forever with its headers', async () => {
    const {server} = await bed.start({}, {limits: {headerBytes: 1_024}})
    const socket = await bed.socketTo(server)
    socket.write(`${HEAD}x-long: ${'x'.repeat(2_000)}\r\n\r\n`)
    assert.match(await everythingFrom(socket), /^HTTP\/1\.1 431 /)
  })

  it('is told of as aborted where its client went away, before or while it was answered', async () => {
    const {promise: begun, resolve: begin} = Promise.withResolvers<void>()
    const answer = async () => {
      begin()
      return never()
    }
    const {server, requests} = await bed.start({answer}, {deadline: 60_000})
    const half = await bed.socketTo(server)
    half.write(`${HEAD}content-length: 100\r\n\r\n{`)
    const whole = await bed.socketTo(server)
    whole.write(`${HEAD}content-length: 2\r\n\r\n{}`)
    await begun
    whole.destroy()
    const {outcome, status, peer} = await requests.first(() => true)
    assert.deepEqual([outcome, status, peer], ['aborted', 0, 'gatekeeper'])
    half.destroy()
    await requests.first((request) => request !== requests.all[0])
    assert.deepEqual(new Set(requests.all.map((request) => request.outcome)), new Set(['aborted']))
  })

  it('is told of as aborted where its client did not take the whole answer', async () => {
    const {server, requests} = await bed.start({answer: async () => Buffer.alloc(64 * 1024 * 1024)})
    const socket = await bed.socketTo(server)
    socket.write(`${HEAD}content-length: 2\r\n\r\n{}`)
    await once(socket, 'data')
    socket.destroy()
    assert.equal((await requests.first(() => true)).outcome, 'aborted')
  })

  it('finds the connection open for longer than Gatekeeper keeps it, also one that was never used', async () => {
    const {keepAlive, headers} = (await import('../../../src/lib/admission-server/server-limits.ts')).LIMITS
    assert.ok(keepAlive > 90_000 && headers > 90_000)
    const {server} = await bed.start()
    assert.equal((await bed.post(server, {through: bed.agent({keepAlive: true})})).headers['keep-alive'], 'timeout=120')
  })
})

const HEAD = 'POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n'

async function everythingFrom(socket: TLSSocket): Promise<string> {
  const parts: Buffer[] = []
  socket.on('data', (part: Buffer) => parts.push(part))
  await once(socket, 'close')
  return Buffer.concat(parts).toString()
}
