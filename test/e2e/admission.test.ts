/** `admission decide` on a real registry, with a signature of the real Cosign: let in, refused, and out of reach. */
import assert from 'node:assert/strict'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {z} from 'zod'
import {pushImage} from '../../scripts/image/build-image.ts'
import {serviceImage} from '../../scripts/image/service.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {container, review} from '../lib/admission/reviews.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {createWorkspace, type CliResult, type Workspace} from './workspace.ts'

const Decided = z.looseObject({
  allowed: z.boolean(),
  images: z.array(
    z.looseObject({
      verdict: z.string(),
      reasons: z.array(z.string()),
      tried: z.array(z.looseObject({state: z.string(), signer: z.looseObject({spki: z.string().optional()}).optional()})),
    }),
  ),
})
const Answer = z.looseObject({rows: z.array(z.looseObject({image: z.string(), verdict: z.string(), reasons: z.string(), namespace: z.string()}))})

describe('admission decide, on a real registry', function () {
  this.timeout(120_000)
  let registry: TestRegistry
  let workspace: Workspace
  let repository: string
  let spki: string
  let signed: string
  let unsigned: string

  before(async () => {
    registry = await startRegistry()
    workspace = await createWorkspace()
    repository = `${registry.host}/prod/patient-api`
    const made = await workspace.cli(['init', '--system', 'patient-api', '--generate-key'])
    assert.equal(made.exitCode, 0, made.stderr)
    spki = readPublicKey(await readFile(join(workspace.folder, 'cosign.pub'), 'utf8'))?.spki ?? ''
    await workspace.write(
      'policy.yaml',
      `version: 1
system: patient-api
environments:
  production:
    repository: ${repository}
    match: {clusters: [prod-east], namespaces: [patient-api]}
    requires: {signature: {keys: [{spki: "sha256:${spki}", file: cosign.pub}]}}
`,
    )
    signed = `${repository}@${await pushImage(openRegistry(repository), serviceImage({version: '1.0.0'}))}`
    unsigned = `${repository}@${await pushImage(openRegistry(repository), serviceImage({version: '2.0.0'}))}`
    const done = await workspace.cli(['sign', signed])
    assert.equal(done.exitCode, 0, done.stderr)
  })
  after(async () => {
    await registry.stop()
    await workspace.remove()
  })

  const decide = async (...images: string[]): Promise<CliResult> =>
    workspace.cli(['admission', 'decide', '-', '--cluster', 'prod-east', '--policy', 'policy.yaml', '--json'], {
      stdin: Buffer.from(review({containers: images.map((image) => container(image))})).toString(),
    })

  it('lets a signed image in, and says by whose key', async () => {
    const {exitCode, json, stderr} = await decide(signed)
    assert.equal(exitCode, 0, stderr)
    const {allowed, images} = Decided.parse(json)
    assert.deepEqual([allowed, images[0]?.verdict, images[0]?.tried.map(({state, signer}) => [state, signer?.spki])], [true, 'verified', [['verified', spki]]])
  })

  it('refuses the unsigned one beside it, and an auditor finds the refusal', async () => {
    const {exitCode, json, stderr} = await decide(signed, unsigned)
    assert.equal(exitCode, 1, stderr)
    assert.deepEqual(
      Decided.parse(json).images.map(({verdict, reasons}) => [verdict, ...reasons]),
      [['verified'], ['missing', 'signature.missing']],
    )
    const asked = await workspace.cli(['query', 'rejected', '--since', '1h', '--format', 'json', '--config', 'policy.yaml'])
    assert.equal(asked.exitCode, 0, asked.stderr)
    const {rows} = Answer.parse(JSON.parse(asked.stdout))
    assert.deepEqual(
      rows.map(({image, verdict, reasons, namespace}) => [image, verdict, reasons, namespace]),
      [[unsigned, 'missing', 'signature.missing', 'patient-api']],
    )
  })

  it('refuses what it cannot check, once the registry is gone', async () => {
    await registry.stop()
    const {exitCode, json} = await decide(signed)
    assert.equal(exitCode, 4)
    const {allowed, images} = Decided.parse(json)
    assert.deepEqual([allowed, images[0]?.verdict, images[0]?.reasons], [false, 'could-not-check', ['registry.unreachable']])
  })
})
