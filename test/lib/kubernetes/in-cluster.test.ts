/** The account of a pod against an API server that a test stands in for. The real one: test/cluster/canary.test.ts. */
import assert from 'node:assert/strict'
import {writeFileSync} from 'node:fs'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {createServer as createTls, type Server} from 'node:https'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {isInCluster, offerInCluster} from '../../../src/lib/kubernetes/in-cluster.ts'
import {offerByKubectl} from '../../../src/lib/kubernetes/by-kubectl.ts'
import type {PodOffer} from '../../../src/lib/ports/cluster.ts'
import type {RunResult} from '../../../src/lib/process.ts'
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
    assert.deepEqual([offer, seen], [{kind: 'admitted'}, ['POST', '/api/v1/namespaces/patient-api/pods?dryRun=All', 'Bearer token-1', 'application/json']])
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

describe('offerByKubectl', () => {
  const by = async (result: RunResult) => offerByKubectl(async () => result, {})('patient-api', POD)
  const exited = (exitCode: number, stdout: string, stderr = ''): RunResult => ({kind: 'exited', exitCode, stdout, stderr})

  it('reads what kubectl says of the API server', async () => {
    assert.deepEqual(await by(exited(0, JSON.stringify(POD))), {kind: 'admitted'})
    const denied = 'admission webhook "v" denied the request: [hipaa-ci-images] no'
    assert.deepEqual(await by(exited(1, '', `Error from server (Forbidden): ${denied}\n`)), {kind: 'refused', status: 403, message: denied})
    assert.deepEqual(await by(exited(1, '', 'Error from server: x\n')), {kind: 'refused', status: 0, message: 'x'})
  })

  it('takes no trouble of kubectl for an answer', async () => {
    for (const result of [
      exited(1, '', 'The connection to the server 127.0.0.1 was refused'),
      exited(0, 'pod/x created'),
      {kind: 'not-found', file: 'kubectl'},
      {kind: 'timed-out', after: 1, stdout: JSON.stringify(POD), stderr: ''},
      {kind: 'spawn-failed', file: 'kubectl', message: 'EACCES'},
    ] as const)
      assert.equal((await by(result)).kind, 'unreachable')
  })

  it('passes on what kubectl goes by, and nothing else', async () => {
    let given: unknown
    const env = {KUBECONFIG: '/k', AWS_PROFILE: 'p', SECRET: 's', PATH: '/bin'}
    await offerByKubectl(async (argv, options) => {
      given = [argv.slice(0, 3), options?.env]
      return exited(0, '')
    }, env)('patient-api', POD)
    assert.deepEqual(given, [['kubectl', 'create', '--dry-run=server'], {KUBECONFIG: '/k', AWS_PROFILE: 'p'}])
  })
})
