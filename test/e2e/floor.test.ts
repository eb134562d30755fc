/** The platform's policy over a service's own file, as it is typed: signed by the real Cosign, from an address, and for admission. */
import assert from 'node:assert/strict'
import {readFile} from 'node:fs/promises'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import process from 'node:process'
import {z} from 'zod'
import {pushImage} from '../../scripts/image/build-image.ts'
import {serviceImage} from '../../scripts/image/service.ts'
import {sha256Hex} from '../../src/lib/evidence/record.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import type {ToolSpec} from '../../src/lib/ports/tools.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {createRunTool} from '../../src/lib/toolbox/run-tool.ts'
import {container, review} from '../lib/admission/reviews.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

const Answer = z.looseObject({environment: z.string().optional(), error: z.looseObject({code: z.string(), message: z.string()}).optional()})

/** `cosign sign-blob --bundle`, offline. */
const signBlob: ToolSpec<{file: string; key: string}, Uint8Array> = {
  tool: 'cosign',
  answers: [0],
  inputs: () =>
    new Map([
      ['config.json', Buffer.from('{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","rekorTlogConfig":{},"tsaConfig":{}}')],
      ['root.json', Buffer.from('{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}')],
    ]),
  outputs: ['bundle.json'],
  argv: ({file, key}, scratch) =>
    `sign-blob --key ${key} --bundle ${scratch}/bundle.json --signing-config ${scratch}/config.json --trusted-root ${scratch}/root.json --yes ${file}`.split(
      ' ',
    ),
  env: () => ({COSIGN_PASSWORD: 'test only'}),
  timeout: 60_000,
  parse: ({files}) => files.get('bundle.json') ?? new Uint8Array(),
}

describe('a floor', function () {
  this.timeout(120_000)
  let registry: TestRegistry
  let workspace: Workspace
  let server: Server
  let image: string
  let platform: string
  let spki: string

  before(async () => {
    registry = await startRegistry()
    workspace = await createWorkspace()
    assert.equal((await workspace.cli(['init', '--system', 'patient-api', '--generate-key'])).exitCode, 0)
    spki = `sha256:${readPublicKey(await readFile(join(workspace.folder, 'cosign.pub'), 'utf8'))?.spki ?? ''}`
    const repository = `${registry.host}/clinic/api`
    image = `${repository}@${await pushImage(openRegistry(repository), serviceImage())}`
    assert.equal((await workspace.cli(['sign', image])).exitCode, 0)
    platform = `version: 1
environments:
  production: {match: {clusters: [prod], namespaces: ["*"]}, requires: {signature: {keys: [{spki: "${spki}", file: cosign.pub}]}}}
gate: {}
`
    await workspace.write('platform.yaml', platform)
    server = createServer((_, response) => void response.end(platform))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  })
  after(async () => {
    await registry.stop()
    await workspace.remove()
    await new Promise((done) => server.close(done))
  })

  const own = async (text: string) => workspace.write('own.yaml', `version: 1\nsystem: patient-api\n${text}`)
  const ask = async (...args: string[]) => {
    const {exitCode, json, stderr} = await workspace.cli([...args, '--json'])
    const {environment, error} = Answer.parse(json)
    return [exitCode, error?.code ?? environment ?? stderr]
  }
  const verify = async (...args: string[]) => ask('verify', image, '--config', 'own.yaml', ...args)
  const digest = () => `@sha256:${sha256Hex(platform)}`

  it('judges by its own environments where the service has none', async () => {
    await own('')
    assert.deepEqual(await verify('--policy', 'platform.yaml'), [0, 'production'])
    assert.deepEqual(await verify('--policy', `platform.yaml${digest()}`), [0, 'production'])
    assert.deepEqual(await verify('--policy', `http://127.0.0.1:${(server.address() as AddressInfo).port}/p.yaml${digest()}`), [0, 'production'])
  })

  it('stands in the configuration by digest, or by who has signed it', async () => {
    await own(`floor: {file: platform.yaml, sha256: "${sha256Hex(platform)}"}\n`)
    assert.deepEqual(await verify(), [0, 'production'])
    await own(`floor: {file: platform.yaml, key: {spki: "${spki}", file: cosign.pub}}\n`)
    assert.deepEqual(await verify(), [2, 'policy.unreadable'])
    const {value: bundle} = await createRunTool({cwd: workspace.folder, env: process.env})(signBlob, {
      file: join(workspace.folder, 'platform.yaml'),
      key: join(workspace.folder, 'cosign.key'),
    })
    await workspace.write('platform.yaml.sigstore.json', bundle)
    assert.deepEqual(await verify(), [0, 'production'])
    await workspace.write('platform.yaml', `${platform}images: []\n`)
    assert.deepEqual(await verify(), [2, 'policy.unreadable'])
    await workspace.write('platform.yaml', platform)
  })

  it('is not passed under: by the file, nor by a variable', async () => {
    await own('environments: {lax: {requires: {}}}\n')
    assert.deepEqual(await verify('--policy', 'platform.yaml'), [2, 'policy.weaker'])
    await own('')
    const {exitCode, stderr} = await workspace.cli(['scan', image, '--config', 'own.yaml'], {env: {HIPAA_CI_GATE_SECRETS: '1'}})
    assert.notEqual(exitCode, 2, stderr)
    await own(`floor: {file: platform.yaml, sha256: "${sha256Hex(platform)}"}\n`)
    const under = await workspace.cli(['scan', image, '--config', 'own.yaml', '--json'], {env: {HIPAA_CI_GATE_SECRETS: '1'}})
    assert.deepEqual([under.exitCode, Answer.parse(under.json).error?.code], [2, 'policy.weaker'])
  })

  it('does not keep anybody from reading evidence, or from revoking', async () => {
    await own(`floor: {file: absent.yaml, sha256: "${'0'.repeat(64)}"}\n`)
    assert.deepEqual(await verify(), [2, 'policy.unreadable'])
    assert.equal((await workspace.cli(['revoke', image, '--reason', 'malicious', '--config', 'own.yaml'])).exitCode, 0)
    assert.equal((await workspace.cli(['evidence', 'ls', '--config', 'own.yaml'])).exitCode, 0)
  })

  it('is all that admission judges by', async () => {
    const decide = async (policy: string) => {
      const stdin = Buffer.from(review({containers: [container(image)]})).toString()
      const args = ['admission', 'decide', '-', '--cluster', 'prod', '--policy', policy, '--json']
      const {exitCode, json} = await workspace.cli(args, {stdin, env: {HIPAA_CI_SYSTEM: 'patient-api', HIPAA_CI_STORE: 'folder:.hipaa-ci/evidence'}})
      return [exitCode, Answer.parse(json).error?.code ?? Answer.parse(json).environment]
    }
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/p.yaml`
    assert.deepEqual(await decide('platform.yaml'), [0, 'production'])
    assert.deepEqual(await decide(`platform.yaml${digest()}`), [0, 'production'])
    assert.deepEqual(await decide(`${address}${digest()}`), [0, 'production'])
    assert.deepEqual(await decide(address), [2, 'usage.flag'])
    assert.deepEqual(await decide(`${address}@sha256:${'0'.repeat(64)}`), [2, 'policy.unreadable'])
  })
})
