/** From `revoke` to a refused image and back, with the real Cosign and a real registry: the list as a file, and from an address. */
import assert from 'node:assert/strict'
import {readFile} from 'node:fs/promises'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {z} from 'zod'
import {pushImage} from '../../scripts/image/build-image.ts'
import {serviceImage} from '../../scripts/image/service.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {createSigner} from '../fakes/dsse-signer.ts'
import {revocationsOf} from '../fakes/statements.ts'
import {container, review} from '../lib/admission/reviews.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

const Verdict = z.looseObject({checks: z.array(z.looseObject({name: z.string(), state: z.string(), reason: z.string().optional()}))})
const Decided = z.looseObject({images: z.array(z.looseObject({reasons: z.array(z.string())}))})
const LIST = 'revocations.json'

describe('revocations', function () {
  this.timeout(120_000)
  let registry: TestRegistry
  let workspace: Workspace
  let server: Server
  let served: Uint8Array | undefined
  let image: string
  let own: string

  before(async () => {
    registry = await startRegistry()
    workspace = await createWorkspace()
    server = createServer((_, response) => void (served === undefined ? response.writeHead(503).end() : response.end(served)))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    assert.equal((await workspace.cli(['init', '--system', 'patient-api', '--generate-key'])).exitCode, 0)
    own = `sha256:${readPublicKey(await readFile(join(workspace.folder, 'cosign.pub'), 'utf8'))?.spki ?? ''}`
    const repository = `${registry.host}/clinic/api`
    image = `${repository}@${await pushImage(openRegistry(repository), serviceImage())}`
    assert.equal((await workspace.cli(['sign', image])).exitCode, 0)
  })
  after(async () => {
    await registry.stop()
    await workspace.remove()
    await new Promise((done) => server.close(done))
  })

  const configure = async (from: string, spki = own, file = 'cosign.pub') =>
    workspace.write(
      'policy.yaml',
      `version: 1
system: patient-api
environments:
  local: {match: {clusters: [local], namespaces: ["*"]}, requires: {signature: {keys: [{spki: "${own}", file: cosign.pub}]}}}
revocations: {from: "${from}", key: {spki: "${spki}", file: ${file}}}
`,
    )
  const verify = async () => {
    const {exitCode, json, stderr} = await workspace.cli(['verify', image, '--config', 'policy.yaml', '--json'])
    const check = Verdict.safeParse(json).data?.checks.find(({name}) => name === 'revocation')
    return [exitCode, check?.state ?? stderr, check?.reason]
  }
  const decide = async () => {
    const stdin = Buffer.from(review({containers: [container(image)]})).toString()
    const {exitCode, json} = await workspace.cli(['admission', 'decide', '-', '--cluster', 'local', '--policy', 'policy.yaml', '--json'], {stdin})
    return [exitCode, ...(Decided.parse(json).images[0]?.reasons ?? [])]
  }
  const run = async (...args: string[]) => {
    const {exitCode, stdout, stderr} = await workspace.cli(args)
    assert.equal(exitCode, 0, stderr)
    return stdout
  }
  const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${LIST}`

  it('stop an image, and let it go again', async () => {
    await configure(LIST)
    assert.deepEqual(await verify(), [5, 'could-not-check', 'revocation.unreadable'])
    assert.match(await run('revocations', 'publish', '--out', LIST), /0 images are revoked/)
    assert.deepEqual([await verify(), await decide()], [[0, 'verified', undefined], [0]])

    assert.match(await run('revoke', image, '--reason', 'vulnerable'), /revoked, from the next published list on/)
    assert.match(await run('revoke', image, '--reason', 'vulnerable'), /nothing changed/)
    assert.deepEqual(await verify(), [0, 'verified', undefined])
    assert.match(await run('revocations', 'publish', '--out', LIST), /1 image is revoked/)
    assert.deepEqual(
      [await verify(), await decide()],
      [
        [1, 'failed', 'image.revoked'],
        [1, 'image.revoked'],
      ],
    )

    await run('revoke', image.slice(image.indexOf('@') + 1), '--reinstate')
    assert.match(await run('revocations', 'publish', '--out', LIST), /0 images are revoked/)
    assert.deepEqual([await verify(), await decide()], [[0, 'verified', undefined], [0]])
  })

  it('come from an address too, and its silence is no pass', async () => {
    await run('revoke', image, '--reason', 'malicious')
    await run('revocations', 'publish', '--out', LIST)
    await configure(address())
    served = await readFile(join(workspace.folder, LIST))
    assert.deepEqual(await verify(), [1, 'failed', 'image.revoked'])
    served = undefined
    assert.deepEqual(
      [await verify(), await decide()],
      [
        [4, 'could-not-check', 'revocation.unreachable'],
        [4, 'revocation.unreachable'],
      ],
    )
    await run('revoke', image, '--reinstate')
  })

  it('count for nothing where a clock is wrong', async () => {
    const signer = createSigner()
    await workspace.write('list.pub', signer.pem)
    await configure(LIST, `sha256:${signer.spki}`, 'list.pub')
    const at = async (hours: number) => {
      await workspace.write(LIST, signer.bundle(revocationsOf([], new Date(Date.now() + hours * 3_600_000).toISOString())))
      return verify()
    }
    assert.deepEqual(await at(0), [0, 'verified', undefined])
    assert.deepEqual(await at(-25), [5, 'could-not-check', 'revocation.stale'])
    assert.deepEqual(await at(1), [5, 'could-not-check', 'revocation.stale'])
  })

  it('leave records that are whole', async () => {
    const listed = await workspace.cli(['evidence', 'ls', '--stream', 'revocation', '--json'])
    assert.equal(listed.exitCode, 0, listed.stderr)
    assert.equal((listed.json as {total: number}).total, 8)
    assert.equal((await workspace.cli(['evidence', 'verify'])).exitCode, 0)
  })
})
