/** It begins whole or not at all, and ends in order. */
import assert from 'node:assert/strict'
import {once} from 'node:events'
import {connect} from 'node:net'
import {admissionServers} from '../../admission-server.ts'
import {freePort} from '../../free-port.ts'

describe('startAdmissionServer', () => {
  const bed = admissionServers()

  /** An answer that waits until it is let go. */
  function held() {
    const {promise: begun, resolve: begin} = Promise.withResolvers<void>()
    const {promise: free, resolve: release} = Promise.withResolvers<void>()
    const answer = async (body: Uint8Array) => {
      begin()
      await free
      return body
    }
    return {answer, begun, release}
  }

  it('says where it cannot listen, and leaves nothing open', async () => {
    const {server} = await bed.start()
    const taken = new URL(server.url).host
    await assert.rejects(bed.start({}, {listen: taken}), {code: 'admission.server', message: `cannot listen at ${taken}: something else listens there`})
    const listen = `127.0.0.1:${await freePort()}`
    await assert.rejects(bed.start({}, {listen, observe: taken}), {code: 'admission.server'})
    const second = await bed.start({}, {listen})
    assert.equal(second.server.url, `https://${listen}`)
  })

  for (const listen of ['8443', 'host:', '127.0.0.1:99999', '', ':8443', '::1:8443']) {
    it(`does not listen at ${JSON.stringify(listen)}`, async () => {
      await assert.rejects(bed.start({}, {listen}), {code: 'admission.server', message: /is no address to listen at/})
    })
  }

  it('does not begin where nobody could ask, or more than was meant', async () => {
    for (const clientNames of [[], [''], ['.svc'], ['*.svc'], ['a b'], ['a\0b']])
      await assert.rejects(bed.start({}, {clientNames}), {code: 'admission.server', message: /client/})
    for (const clientSpki of [[], ['sha256:00'], ['AB'.repeat(32)]]) await assert.rejects(bed.start({}, {clientSpki}), {code: 'admission.server'})
  })

  it('ends idle connections at once: used, never used, and without TLS', async () => {
    const {server} = await bed.start()
    const {hostname, port} = new URL(server.url)
    const used = bed.agent({keepAlive: true})
    await bed.post(server, {through: used})
    const silent = await bed.socketTo(server)
    const bare = connect(Number(port), hostname)
    await once(bare, 'connect')
    // It came after them, so they are known when it is answered.
    await bed.post(server)
    const gone = Promise.all([once(silent.resume(), 'close'), once(bare.resume(), 'close')])
    await server.close()
    await gone
    assert.ok(
      Object.values(used.freeSockets)
        .flat()
        .every((socket) => socket?.destroyed !== false),
    )
  })

  it('waits for what is under way, takes nothing new, and says that the connection ends', async () => {
    const {answer, begun, release} = held()
    const {server} = await bed.start({answer})
    const under = bed.post(server, {through: bed.agent({keepAlive: true})})
    await begun
    const closed = server.close()
    assert.equal(server.close() instanceof Promise, true)
    await assert.rejects(bed.post(server), {code: 'ECONNREFUSED'})
    const ready = await fetch(`${server.observeUrl}/readyz`)
    assert.deepEqual([ready.status, await ready.text()], [503, 'it is ending\n'])
    assert.equal((await fetch(`${server.observeUrl}/healthz`)).status, 200)
    release()
    const {status, headers, body} = await under
    assert.deepEqual([status, headers.connection, body], [200, 'close', '{}'])
    await closed
    await assert.rejects(fetch(`${server.observeUrl}/healthz`))
  })

  it('does not wait for ever', async () => {
    const {answer, begun} = held()
    const {server, requests} = await bed.start({answer}, {limits: {drain: 30}, deadline: 60_000})
    const under = assert.rejects(bed.post(server), {code: 'ECONNRESET'})
    await begun
    await server.close()
    await under
    assert.equal((await requests.first(() => true)).outcome, 'aborted')
  })

  it('takes no more connections than it may', async () => {
    const {server} = await bed.start({}, {limits: {connections: 1}})
    const first = await bed.socketTo(server)
    await assert.rejects(bed.post(server), {code: 'ECONNRESET'})
    first.destroy()
  })
})
