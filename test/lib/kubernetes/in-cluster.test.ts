/** The account of a pod against an API server that a test stands in for. The real one: test/cluster/canary.test.ts. */
import assert from 'node:assert/strict'
import {writeFileSync} from 'node:fs'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {createServer as createTls, type Server} from 'node:https'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {isInCluster, offerInCluster} from '../../../src/lib/kubernetes/in-cluster.ts'
import type {PodOffer} from '../../../src/lib/ports/cluster.ts'
import {createAuthority} from '../../certificates.ts'
import {scratch} from '../../scratch.ts'

const authority = createAuthority()
const POD = {kind: 'Pod'}
const folder = scratch()
const running: Server[] = []
afterEach(() => {
  for (const server of running.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

type Handle = (request: IncomingMessage, response: ServerResponse) => void

async function ask(handle: Handle, {ca = authority.cert, cert = authority.issue(['127.0.0.1']), token = 'token-1\n', timeout = 5_000} = {}): Promise<PodOffer> {
  const server = createTls(cert, handle)
  running.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  writeFileSync(join(folder(), 'token'), token)
  writeFileSync(join(folder(), 'ca.crt'), ca)
  const {port} = server.address() as AddressInfo
  const env = {KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port)}
  const offer = await offerInCluster({folder: folder(), env, timeout})('patient-api', POD)
  return offer
}

const say =
  (status: number, body: string): Handle =>
  (request, response) => {
    request.resume()
    response.writeHead(status).end(body)
  }

describe('offerInCluster', () => {
  it('offers the pod by dry run, with the token of the account', async () => {
    let seen: unknown
    const offer = await ask((request, response) => {
      seen = [request.method, request.url, request.headers.authorization, request.headers['content-type']]
      say(201, JSON.stringify(POD))(request, response)
    })
    assert.deepEqual(
      [offer, seen],
      [{kind: 'admitted', warnings: ''}, ['POST', '/api/v1/namespaces/patient-api/pods?dryRun=All', 'Bearer token-1', 'application/json']],
    )
  })

  it('takes the answer of an API server only', async () => {
    assert.deepEqual(await ask(say(403, JSON.stringify({kind: 'Status', message: 'no'}))), {kind: 'refused', status: 403, message: 'no'})
    for (const [status, body] of [
      [403, 'no'],
      [502, '<html>'],
      [302, ''],
      [403, JSON.stringify({kind: 'Pod'})],
    ] as const)
      assert.equal((await ask(say(status, body))).kind, 'unreachable', `${status} ${body}`)
  })

  it('hands on what the API server warned of', async () => {
    const offer = await ask((request, response) => {
      response.setHeader('warning', '299 - "[hipaa-ci-images-warn] no"')
      say(201, JSON.stringify(POD))(request, response)
    })
    assert.deepEqual(offer, {kind: 'admitted', warnings: '299 - "[hipaa-ci-images-warn] no"'})
  })

  it('misses no yes, whatever else is said', async () => {
    for (const body of ['', '<html>']) assert.equal((await ask(say(200, body))).kind, 'admitted')
  })

  it('tells its token to nobody whom the mounted authority does not vouch for', async () => {
    let asked = 0
    const handle: Handle = (request, response) => {
      asked += 1
      say(201, '{}')(request, response)
    }
    assert.equal((await ask(handle, {cert: createAuthority('Another').issue(['127.0.0.1'])})).kind, 'unreachable')
    assert.equal((await ask(handle, {cert: authority.issue(['elsewhere.example'])})).kind, 'unreachable')
    assert.equal(asked, 0)
  })

  it('does not wait for ever, nor read without end', async () => {
    assert.equal((await ask((request) => void request.resume(), {timeout: 300})).kind, 'unreachable')
    assert.equal((await ask(say(403, 'x'.repeat(1024 * 1024 + 1)))).kind, 'unreachable')
    assert.equal((await ask((request) => request.destroy())).kind, 'unreachable')
  })

  it('is unreachable without an account, or an API server', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const {port} = server.address() as AddressInfo
    server.close()
    const env = {KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port)}
    assert.equal((await offerInCluster({folder: folder(), env})('x', POD)).kind, 'unreachable')
    assert.deepEqual([isInCluster(env), isInCluster({}), isInCluster({KUBERNETES_SERVICE_HOST: ''})], [true, false, false])
  })
})
