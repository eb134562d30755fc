/** `verify --attest`: the signed verdict, as an independent verifier of SLSA verification summaries reads it. */
import assert from 'node:assert/strict'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {pushImage} from '../../scripts/image/build-image.ts'
import {serviceImage} from '../../scripts/image/service.ts'
import {builtTool} from '../../scripts/built-tool.ts'
import {readAttached} from '../../src/lib/actions/verify/read-attached.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {resourceUri, VERIFIER_ID} from '../../src/lib/predicates/vsa.ts'
import {run} from '../../src/lib/process.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

interface Attested {
  readonly verdict: string
  readonly digest: string
  readonly recorded: boolean
  readonly attestation?: {readonly manifest: string; readonly record?: string}
}

describe('verify --attest', function () {
  this.timeout(120_000)
  let registry: TestRegistry
  let workspace: Workspace
  let repository: string
  before(async () => {
    registry = await startRegistry()
    workspace = await createWorkspace()
    repository = `${registry.host}/clinic/api`
    const made = await workspace.cli(['init', '--system', 'patient-api', '--generate-key'])
    assert.equal(made.exitCode, 0, made.stderr)
    const key = readPublicKey(await readFile(join(workspace.folder, 'cosign.pub'), 'utf8'))
    const pins = `{keys: [{spki: "sha256:${key?.spki}", file: cosign.pub}]}`
    await workspace.write(
      'hipaa-ci.yaml',
      `version: 1\nsystem: patient-api\nsigning: {key: "file:cosign.key"}\nenvironments: {production: {requires: {signature: ${pins}}}}\n`,
    )
  })
  after(async () => {
    await registry.stop()
    await workspace.remove()
  })

  /** What `slsa-verifier verify-vsa` says of the summary in `manifest`. */
  async function slsaVerifier({digest, attestation}: Attested, level: string): Promise<number> {
    const found = (await readAttached(openRegistry(repository), digest)).find(({manifest}) => manifest === attestation?.manifest)
    const {dsseEnvelope} = JSON.parse(Buffer.from(found?.bundle ?? []).toString()) as {dsseEnvelope: object}
    await workspace.write('vsa.json', JSON.stringify(dsseEnvelope))
    const about = ['--subject-digest', digest, '--resource-uri', resourceUri(repository, digest), '--verifier-id', VERIFIER_ID, '--verified-level', level]
    const program = [builtTool('slsa-verifier'), 'verify-vsa', '--attestation-path', 'vsa.json', '--public-key-path', 'cosign.pub', ...about] as const
    const result = await run(program, {cwd: workspace.folder, timeout: 60_000})
    assert.ok(result.kind === 'exited', JSON.stringify(result))
    return result.exitCode
  }

  async function verify(image: string, ...more: readonly string[]): Promise<[number | null, Attested]> {
    const {exitCode, json, stderr} = await workspace.cli(['verify', image, '--attest', '--json', ...more])
    assert.ok(json !== undefined, stderr)
    return [exitCode, json as Attested]
  }

  it('signs a pass that an independent verifier accepts, and records it', async () => {
    const image = `${repository}@${await pushImage(openRegistry(repository), serviceImage({version: '1.0.0'}))}`
    assert.equal((await workspace.cli(['sign', image])).exitCode, 0)
    const [exitCode, attested] = await verify(image, '--signing-key', 'file:cosign.key')
    assert.deepEqual([exitCode, attested.verdict, attested.recorded], [0, 'verified', true])
    assert.equal(await slsaVerifier(attested, 'SLSA_BUILD_LEVEL_0'), 0)
    const record = await workspace.cli(['evidence', 'show', attested.attestation?.record ?? '', '--json'])
    assert.match(record.stdout, /slsa\.dev\/verification_summary/)
  })

  it('signs a failure too, which no verifier takes for a pass', async () => {
    const image = `${repository}@${await pushImage(openRegistry(repository), serviceImage({version: '2.0.0'}))}`
    const [exitCode, attested] = await verify(image)
    assert.deepEqual([exitCode, attested.verdict], [6, 'missing'])
    assert.notEqual(await slsaVerifier(attested, 'SLSA_BUILD_LEVEL_0'), 0)
    const plain = await workspace.cli(['verify', image, '--json'])
    assert.equal(plain.exitCode, 6, 'a signed verdict is no signature')
  })

  it('leaves a verdict what it is where there is nothing to attach it to', async () => {
    const {exitCode, stderr} = await workspace.cli(['verify', `${repository}@sha256:${'0'.repeat(64)}`, '--attest'])
    assert.deepEqual([exitCode, /not attested: /.test(stderr)], [6, true])
  })
})
