/**
 * HTTPS with a private authority, and through a proxy, in a process of its own: Node reads NODE_EXTRA_CA_CERTS when it starts.
 *
 * Names that are not this machine lead to a proxy on loopback, which leads to the server here; so nothing leaves the machine.
 */
import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {createServer as createProxy} from 'node:http'
import {createServer as createTlsServer, type Server} from 'node:https'
import {connect, type AddressInfo} from 'node:net'
import {join} from 'node:path'
import process from 'node:process'
import {text} from 'node:stream/consumers'
import {digestOf, MEDIA_TYPES} from '../../../src/lib/images/manifest.ts'
import {createAuthority, type IssuedCertificate} from '../../certificates.ts'
import {startEcrServer} from './ecr-server.ts'
import {scratchFolder} from './settings.ts'

const HOST = 'registry.example.com'
const ECR = '000000000000.dkr.ecr.eu-west-1.amazonaws.com'
const INDEX = Buffer.from('{"schemaVersion":2,"manifests":[]}')

describe('a registry behind a private authority', () => {
  const authority = createAuthority()
  const stranger = createAuthority('Another Synthetic Authority')
  const good = authority.issue([HOST, ECR])
  let served: IssuedCertificate = good
  /** What the registry demands; undefined: nothing. */
  let demanded: (() => string) | undefined
  let registry: Server
  const tunnelled: string[] = []
  const proxy = createProxy()
  const sockets = new Set<{destroy: () => unknown}>()

  before(async () => {
    registry = createTlsServer({...good}, (request, response) => {
      if (demanded !== undefined && request.headers.authorization !== demanded()) response.writeHead(401, {'www-authenticate': 'Basic realm="r"'}).end()
      else response.writeHead(200, {'content-type': MEDIA_TYPES.index}).end(INDEX)
    })
    proxy.on('connect', (request, client, head) => {
      tunnelled.push(request.url ?? '')
      const server = connect((registry.address() as AddressInfo).port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
        server.write(head)
        server.pipe(client).pipe(server)
      })
      for (const socket of [client, server]) {
        sockets.add(socket)
        socket.on('error', () => socket.destroy())
      }
    })
    await Promise.all([registry, proxy].map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))))
  })
  after(async () => {
    for (const socket of sockets) socket.destroy()
    for (const server of [registry, proxy]) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })
  beforeEach(() => {
    served = good
    demanded = undefined
    tunnelled.length = 0
  })

  /** @param trusted PEM that the process is told to trust */
  async function ask(host: string, trusted: string | undefined, env: Record<string, string> = {}): Promise<Record<string, string>> {
    registry.setSecureContext(served)
    const folder = scratchFolder()
    writeFileSync(join(folder, 'authority.pem'), trusted ?? '')
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, '../../programs/resolve.ts'), JSON.stringify({repository: `${host}/app`, reference: 'v1'})],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          PATH: process.env['PATH'],
          DOCKER_CONFIG: folder,
          HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
          ...(trusted !== undefined && {NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem')}),
          ...env,
        },
      },
    )
    return JSON.parse(await text(child.stdout)) as Record<string, string>
  }

  it('is believed where NODE_EXTRA_CA_CERTS names the authority, and reached through HTTPS_PROXY', async () => {
    assert.deepEqual(await ask(HOST, authority.cert), {digest: digestOf(INDEX)})
    assert.deepEqual(tunnelled, [`${HOST}:443`])
  })

  for (const [what, trusted] of [
    ['no authority', undefined],
    ['another authority', stranger.cert],
  ] as const) {
    it(`is out of reach where ${what} is named, with the variable that helps`, async () => {
      const {code, message, fix} = await ask(HOST, trusted)
      assert.equal(code, 'registry.unreachable')
      assert.match(message ?? '', /registry\.example\.com cannot be reached: its TLS certificate/)
      assert.match(fix ?? '', /NODE_EXTRA_CA_CERTS/)
    })
  }

  it('is out of reach with the certificate of another host, or one that has ended', async () => {
    served = authority.issue(['other.example.com'])
    const other = await ask(HOST, authority.cert)
    assert.equal(other['code'], 'registry.unreachable')
    assert.match(other['message'] ?? '', /TLS certificate is for another host/)
    served = authority.issue([HOST], -0.5)
    const ended = await ask(HOST, authority.cert)
    assert.equal(ended['code'], 'registry.unreachable')
    assert.match(ended['message'] ?? '', /TLS certificate has ended/)
  })

  it("of ECR takes the login that AWS gives the job's role", async () => {
    const ecr = await startEcrServer()
    try {
      const aws = {AWS_ENDPOINT_URL_ECR: ecr.url, AWS_ACCESS_KEY_ID: 'SYNTHETIC', AWS_SECRET_ACCESS_KEY: 'synthetic', AWS_EC2_METADATA_DISABLED: 'true'}
      demanded = () => `Basic ${Buffer.from(`AWS:${ecr.password}`).toString('base64')}`
      assert.deepEqual(await ask(ECR, authority.cert, aws), {digest: digestOf(INDEX)})
      assert.deepEqual(ecr.regions, ['eu-west-1'])

      // Docker's config has the first word, even where its login is no good.
      const folder = scratchFolder()
      writeFileSync(join(folder, 'config.json'), JSON.stringify({auths: {[ECR]: {auth: Buffer.from('ada:lace').toString('base64')}}}))
      assert.equal((await ask(ECR, authority.cert, {...aws, DOCKER_CONFIG: folder}))['code'], 'registry.refused')
      assert.equal(ecr.regions.length, 1)
    } finally {
      await ecr.stop()
    }
  })

  it('that is not ECR gets no login from AWS', async () => {
    const ecr = await startEcrServer()
    try {
      demanded = () => 'Basic never'
      const aws = {AWS_ENDPOINT_URL_ECR: ecr.url, AWS_ACCESS_KEY_ID: 'SYNTHETIC', AWS_SECRET_ACCESS_KEY: 'synthetic', AWS_EC2_METADATA_DISABLED: 'true'}
      assert.equal((await ask(HOST, authority.cert, aws))['code'], 'registry.refused')
      assert.deepEqual(ecr.regions, [])
    } finally {
      await ecr.stop()
    }
  })
})
