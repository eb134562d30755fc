/** Who may ask, over real TLS. */
import assert from 'node:assert/strict'
import {createHash, X509Certificate} from 'node:crypto'
import {once} from 'node:events'
import type {TLSSocket} from 'node:tls'
import {admissionServers, type Asked} from '../../admission-server.ts'
import {createAuthority} from '../../certificates.ts'

describe('who may ask the admission server', () => {
  const bed = admissionServers()
  const {clients, gatekeeper} = bed
  const NONE = {cert: '', key: ''}

  const refusal = async (tls: Asked, options = {}) => {
    const {server, requests} = await bed.start({answer: () => assert.fail('it was asked')}, options)
    const {status, body, headers} = await bed.post(server, tls)
    assert.equal(status, 403)
    assert.equal(headers.connection, 'close')
    const {kind, response} = JSON.parse(body) as {kind: string; response: {systemError: string; items?: unknown}}
    assert.deepEqual([kind, response.items], ['ProviderResponse', undefined])
    const told = await requests.first(({outcome}) => outcome === 'not-a-client')
    assert.equal(told.why, response.systemError)
    return told
  }

  it('answers a client of the authority, by common name or DNS name', async () => {
    const {server, requests} = await bed.start({}, {clientNames: ['gatekeeper', 'webhook.gatekeeper-system.svc']})
    assert.deepEqual([(await bed.post(server, {body: '{"a":1}'})).status, (await bed.post(server, {body: '{"a":1}'})).body], [200, '{"a":1}'])
    const byDns = await bed.post(server, clients.issueTo({name: 'somebody'}, ['webhook.gatekeeper-system.svc']))
    assert.equal(byDns.status, 200)
    const {milliseconds, ...told} = await requests.first(({peer}) => peer === 'somebody')
    assert.ok(milliseconds >= 0)
    assert.deepEqual(told, {outcome: 'answered', status: 200, peer: 'somebody'})
  })

  it('refuses who shows no certificate', async () => {
    const {why, peer} = await refusal(NONE)
    assert.deepEqual([why, peer], ['it showed no certificate', undefined])
  })

  it('refuses a certificate of another authority, also one of the same name', async () => {
    assert.match((await refusal(createAuthority('Synthetic client authority').issueTo({name: 'gatekeeper'}))).why ?? '', /not accepted: /)
  })

  it('refuses a certificate of the authority of servers', async () => {
    assert.match((await refusal(bed.authority.issueTo({name: 'gatekeeper'}))).why ?? '', /not accepted: /)
  })

  it('refuses one that has expired', async () => {
    assert.match((await refusal(clients.issue(['gatekeeper'], -0.5))).why ?? '', /CERT_HAS_EXPIRED/)
  })

  it('refuses a name that nobody gave: another, a part, a wildcard, an address', async () => {
    for (const wrong of ['somebody', 'gatekeeper.evil', 'Gatekeeper ', 'gate']) {
      const {why, peer} = await refusal(clients.issueTo({name: wrong}))
      assert.deepEqual([why, peer], ['its certificate names nobody who may ask', wrong])
    }
    const names = {clientNames: ['webhook.gatekeeper.svc', '127.0.0.1']}
    assert.match((await refusal(clients.issueTo({name: 'x'}, ['*.gatekeeper.svc', '127.0.0.1']), names)).why ?? '', /names nobody/)
  })

  it('refuses another key where keys are pinned', async () => {
    const der = new X509Certificate(gatekeeper.cert).publicKey.export({type: 'spki', format: 'der'})
    const pinned = {clientSpki: [createHash('sha256').update(der).digest('hex')]}
    assert.match((await refusal(clients.issueTo({name: 'gatekeeper'}), pinned)).why ?? '', /its key/)
    const {server} = await bed.start({}, pinned)
    assert.equal((await bed.post(server)).status, 200)
  })

  it('does not take the session of an earlier connection for a certificate', async () => {
    const {server, requests} = await bed.start({answer: () => assert.fail('it was asked')})
    const first = await bed.socketTo(server, NONE)
    // A stranger's own session verifies as "OK" in TLS 1.3, when it is resumed.
    const session = await sessionOf(first)
    const second = await bed.socketTo(server, {...NONE, session})
    assert.equal(second.isSessionReused(), false)
    second.write(HTTP)
    assert.match(await firstLine(second), /^HTTP\/1\.1 403 /)
    await requests.first(({status}) => status === 403)
  })

  it('speaks TLS 1.3 only, and tells of who came with less', async () => {
    const {server, requests} = await bed.start()
    await assert.rejects(bed.socketTo(server, {maxVersion: 'TLSv1.2'}), {code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'})
    const {status, why} = await requests.first(({outcome}) => outcome === 'not-a-client')
    assert.equal(status, 0)
    assert.match(why ?? '', /no TLS connection came about/)
    assert.equal((await bed.socketTo(server)).getProtocol(), 'TLSv1.3')
  })

  it('does not let a stranger hold a connection', async () => {
    const {server} = await bed.start({}, {limits: {stranger: 20}})
    const silent = await bed.socketTo(server, NONE)
    await once(silent.resume(), 'close')
  })
})

const HTTP = 'POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}'

async function sessionOf(socket: TLSSocket): Promise<Buffer> {
  socket.write(HTTP)
  const [session] = (await once(socket, 'session')) as [Buffer]
  return session
}

async function firstLine(socket: TLSSocket): Promise<string> {
  const [data] = (await once(socket, 'data')) as [Buffer]
  return data.toString().split('\r\n')[0] ?? ''
}
