/** A made certificate, before what will be shown it: Node's own TLS and OpenSSL's rules. */
import assert from 'node:assert/strict'
import {createPrivateKey, X509Certificate} from 'node:crypto'
import {once} from 'node:events'
import {createServer, request} from 'node:https'
import type {AddressInfo} from 'node:net'
import {makeCertificate} from '../../../src/lib/certificates/make-certificate.ts'

const HOSTS = ['hipaa-ci.hipaa-ci.svc', 'hipaa-ci.hipaa-ci.svc.cluster.local']
const DAY = 86_400_000
const asked = () => ({hosts: HOSTS, authority: 'hipaa-ci admission', from: new Date(Date.now() - 3_600_000), until: new Date(Date.now() + 90 * DAY)})

describe('makeCertificate', () => {
  it('names every host, no other, and is of its authority', async () => {
    const {authority, certificate, key} = await makeCertificate(asked())
    const [own, root] = [new X509Certificate(certificate), new X509Certificate(authority)]
    assert.deepEqual([own.subjectAltName, own.ca, root.ca], [HOSTS.map((host) => `DNS:${host}`).join(', '), false, true])
    assert.ok(own.verify(root.publicKey) && own.checkIssued(root) && own.checkPrivateKey(createPrivateKey(key)))
    assert.ok(!root.checkPrivateKey(createPrivateKey(key)), 'the key of the authority is not the one that is kept')
  })

  it('makes another authority each time', async () => {
    const [one, other] = [await makeCertificate(asked()), await makeCertificate(asked())]
    assert.ok(!new X509Certificate(one.certificate).verify(new X509Certificate(other.authority).publicKey))
  })

  it('serves TLS 1.3 to who trusts the authority, under its names alone', async () => {
    const {authority, certificate, key} = await makeCertificate(asked())
    const server = createServer({cert: certificate, key, minVersion: 'TLSv1.3'}, (_, reply) => void reply.end('seen')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const {port} = server.address() as AddressInfo
    const ask = async (servername: string, ca: string) => {
      const asking = request({host: '127.0.0.1', port, servername, ca, agent: false}).end()
      const [reply] = (await once(asking, 'response')) as [NodeJS.ReadableStream]
      return String(await once(reply, 'data'))
    }
    try {
      assert.equal(await ask('hipaa-ci.hipaa-ci.svc', authority), 'seen')
      await assert.rejects(ask('other.hipaa-ci.svc', authority), {code: 'ERR_TLS_CERT_ALTNAME_INVALID'})
      const {authority: foreign} = await makeCertificate(asked())
      await assert.rejects(ask('hipaa-ci.hipaa-ci.svc', foreign))
    } finally {
      server.close()
    }
  })
})
