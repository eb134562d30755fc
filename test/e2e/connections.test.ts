/**
 * What `sign`, `attest` and `verify` connect to, Cosign included: the registry, and the key service where one signs.
 *
 * Every attempt of every process is noted by the kernel's own tracing: nothing that was tried and failed is overlooked.
 */
import assert from 'node:assert/strict'
import {readFile} from 'node:fs/promises'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import process from 'node:process'
import {pushImage} from '../../scripts/image/build-image.ts'
import {serviceIndex} from '../../scripts/image/service.ts'
import {sha256Hex} from '../../src/lib/evidence/record.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {destinations, logConnections} from '../connection-log.ts'
import {quick} from '../lib/registry/settings.ts'
import {startLocalKms, type LocalKms} from '../local-kms.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {startTimestampAuthority, type TimestampAuthority} from '../timestamp-authority.ts'
import {BIN, createWorkspace, type Workspace} from './workspace.ts'

for (const referrers of [true, false]) {
  describe(`connections, with a registry ${referrers ? 'that has the referrers API' : 'that knows only the fallback tag'}`, function () {
    this.timeout(180_000)
    let registry: TestRegistry
    let kms: LocalKms
    let workspace: Workspace
    let image: string

    before(async () => {
      registry = await startRegistry({referrers})
      kms = await startLocalKms()
      workspace = await createWorkspace(kms.env)
      const pem = await kms.publicKeyPem('alias/image-signing')
      await workspace.write('image.pub', pem)
      await workspace.write(
        'hipaa-ci.yaml',
        `version: 1
system: patient-api
signing: {key: "awskms:///alias/image-signing"}
environments:
  local: {requires: {signature: {keys: [{spki: "sha256:${readPublicKey(pem)?.spki ?? ''}", file: image.pub}]}, provenance: {}}}
`,
      )
      const repository = `${registry.host}/clinic/api`
      image = `${repository}@${await pushImage(openRegistry(repository, quick()), serviceIndex())}`
    })
    after(async () => {
      await workspace.remove()
      await kms.stop()
      await registry.stop()
    })

    const watched = async (...args: readonly string[]) => destinationsOf(workspace, args)
    const keyService = () => kms.endpoint.replace('http://', '')

    it('sign: the registry, the key service', async () => {
      assert.deepEqual(await watched('sign', image), [`inet ${keyService()} cosign`, `inet ${keyService()} node`, `inet ${registry.host} node`].toSorted())
    })

    it('attest: the registry, the key service', async () => {
      const reached = await watched('attest', image, '--type', 'provenance')
      assert.deepEqual(reached, [`inet ${keyService()} cosign`, `inet ${keyService()} node`, `inet ${registry.host} node`].toSorted())
    })

    it('verify: the registry alone, and no key service', async () => {
      assert.deepEqual(await watched('verify', image), [`inet ${registry.host} node`])
    })

    it('sign with a key file: the registry alone', async () => {
      const made = await workspace.cli(['init', '--system', 'x', '--generate-key', '--config', join(workspace.folder, 'other.yaml')])
      assert.equal(made.exitCode, 0, made.stderr)
      assert.deepEqual(await watched('sign', image, '--key', 'file:cosign.key'), [`inet ${registry.host} node`])
    })
  })
}

describe('connections that the configuration names', function () {
  this.timeout(180_000)
  let registry: TestRegistry
  let authority: TimestampAuthority
  let workspace: Workspace
  let list: Served
  let policy: Served
  let image: string

  before(async () => {
    registry = await startRegistry()
    authority = await startTimestampAuthority()
    list = await serve()
    policy = await serve()
    workspace = await createWorkspace()
    const repository = `${registry.host}/clinic/api`
    image = `${repository}@${await pushImage(openRegistry(repository), serviceIndex())}`
    const made = await workspace.cli(['init', '--system', 'patient-api', '--generate-key'])
    assert.equal(made.exitCode, 0, made.stderr)
    const pin = `{spki: "sha256:${readPublicKey(await readFile(join(workspace.folder, 'cosign.pub'), 'utf8'))?.spki ?? ''}", file: cosign.pub}`
    await workspace.write('tsa.pem', authority.chainPem)
    const authorities = `[{file: tsa.pem, sha256: "sha256:${sha256Hex(Buffer.from(authority.chainPem))}"}]`
    const environments = `environments: {local: {requires: {signature: {keys: [${pin}], timestamp-authorities: ${authorities}}}}}\n`
    policy.content = Buffer.from(`version: 1\n${environments}`)
    await workspace.write(
      'hipaa-ci.yaml',
      `version: 1
system: patient-api
signing: {key: "file:cosign.key", timestamp: "${authority.url}"}
revocations: {from: "http://${list.host}/revocations.json", key: ${pin}}
floor: {file: "http://${policy.host}/policy.yaml", sha256: "${sha256Hex(policy.content)}"}
${environments}`,
    )
  })
  after(async () => {
    for (const part of [registry, authority, list, policy]) await part.stop()
    await workspace.remove()
  })

  it('sign: the registry, the timestamp authority, the policy', async () => {
    const named = [registry.host, new URL(authority.url).host, policy.host].map((host) => `inet ${host} node`)
    assert.deepEqual(await destinationsOf(workspace, ['sign', image]), named.toSorted())
  })

  it('revocations publish: the timestamp authority', async () => {
    const revoked = await workspace.cli(['revoke', `sha256:${'0'.repeat(64)}`, '--reason', 'withdrawn'])
    assert.equal(revoked.exitCode, 0, revoked.stderr)
    const reached = await destinationsOf(workspace, ['revocations', 'publish', '--out', 'revocations.json'])
    assert.deepEqual(reached, [`inet ${new URL(authority.url).host} node`])
    list.content = await readFile(join(workspace.folder, 'revocations.json'))
  })

  it('verify: the registry, the policy, the list of revocations', async () => {
    const named = [registry.host, policy.host, list.host].map((host) => `inet ${host} node`)
    assert.deepEqual(await destinationsOf(workspace, ['verify', image]), named.toSorted())
  })
})

async function destinationsOf(workspace: Workspace, args: readonly string[]): Promise<readonly string[]> {
  const {exitCode, stdout, stderr, connections} = await logConnections([process.execPath, BIN, ...args], {
    cwd: workspace.folder,
    env: {...workspace.env},
    source: {},
  })
  assert.equal(exitCode, 0, `${stdout}${stderr}`)
  return destinations(connections)
}

/** One document at any path of a server of its own. */
interface Served {
  readonly host: string
  content: Uint8Array
  stop(): Promise<void>
}

async function serve(): Promise<Served> {
  const served: {content: Uint8Array} = {content: new Uint8Array()}
  const server: Server = createServer((_, response) => void response.end(served.content))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const {port} = server.address() as AddressInfo
  return Object.assign(served, {
    host: `127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  })
}
