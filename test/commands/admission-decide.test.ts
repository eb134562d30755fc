/** `admission decide` as it is typed; against a real registry in `test/e2e/`. */
import assert from 'node:assert/strict'
import {z} from 'zod'
import {createWorkspace, type CliResult, type Workspace} from '../e2e/workspace.ts'
import {createSigner} from '../fakes/dsse-signer.ts'
import {container, pod, review, UID} from '../lib/admission/reviews.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`
const POLICY = `version: 1
system: patient-api
environments:
  production:
    repository: registry.example/prod/patient-api
    match: {clusters: [prod-*], namespaces: [patient-api]}
    requires: {signature: {keys: [{spki: "sha256:${'b'.repeat(64)}", file: absent.pub}]}}
  sandbox:
    repository: registry.example/sandbox/patient-api
    match: {clusters: [sandbox], namespaces: ["*"]}
images:
  - {match: "registry.example/vendor/*", digests: ["${DIGEST}"], approved-by: platform-team, until: 2099-12-31}
`
const Failure = z.object({error: z.object({code: z.string(), exitCode: z.number(), message: z.string(), suggestions: z.array(z.string())})})
const Decided = z.looseObject({
  exitCode: z.number(),
  allowed: z.boolean(),
  recorded: z.boolean(),
  images: z.array(z.looseObject({verdict: z.string(), reasons: z.array(z.string()), record: z.string().optional()})),
  review: z.looseObject({response: z.looseObject({allowed: z.boolean(), status: z.looseObject({message: z.string()}).optional()})}).optional(),
})

describe('hipaa-ci admission decide', function () {
  this.timeout(120_000)
  let workspace: Workspace
  beforeEach(async () => {
    workspace = await createWorkspace()
    await workspace.write('policy.yaml', POLICY)
  })
  afterEach(async () => workspace.remove())

  const decide = async (image: string, {args = [], cluster = 'sandbox'}: {args?: string[]; cluster?: string} = {}): Promise<CliResult> =>
    workspace.cli(['admission', 'decide', '-', '--cluster', cluster, '--policy', 'policy.yaml', ...args], {
      stdin: Buffer.from(review({containers: [container(image)]})).toString(),
    })

  it('refuses a tag: exit 1, with the answer for the API server and a record', async () => {
    await workspace.write('hipaa-ci.yaml', 'broken: [\n')
    const {exitCode, json, stderr} = await decide('nginx:1.27', {args: ['--json']})
    assert.equal(exitCode, 1, stderr)
    const {allowed, recorded, images, review: answer} = Decided.parse(json)
    assert.deepEqual([allowed, recorded, images[0]?.reasons], [false, true, ['policy.tag']])
    assert.match(answer?.response.status?.message ?? '', /policy\.tag/)
    const found = await workspace.cli(['evidence', 'show', images[0]?.record ?? '', '--json', '--config', 'policy.yaml'])
    assert.equal(found.exitCode, 0, found.stderr)
  })

  it('says the same to people', async () => {
    const {exitCode, stdout} = await decide('nginx:1.27')
    assert.equal(exitCode, 1)
    assert.match(stdout, /✖ refused {2}CREATE in patient-api on sandbox/)
    assert.match(stdout, /nginx:1\.27 +policy\.tag/)
  })

  it('says where a cluster would not ask, or only warn: the verdict is the same', async () => {
    const door = async (admission: string) => {
      await workspace.write('policy.yaml', `${POLICY}admission: ${admission}\n`)
      const {exitCode, json, stderr} = await decide('nginx:1.27', {args: ['--json']})
      assert.equal(exitCode, 1, stderr)
      return z.looseObject({door: z.unknown()}).parse(json).door
    }
    assert.deepEqual(await door('{exempt: [kube-system, patient-api]}'), {refusal: 'not-asked'})
    assert.deepEqual(await door('{rollout: [{namespaces: ["patient-*"], enforce-on: 2999-01-01}]}'), {refusal: 'warns', until: '2999-01-01'})
    assert.deepEqual(await door('{rollout: [{namespaces: ["patient-*"], enforce-on: 2020-01-01}]}'), {refusal: 'refuses'})
  })

  it('admits by a rule: exit 0', async () => {
    const signer = createSigner()
    await workspace.write('key.pub', signer.pem)
    const {exitCode, json, stderr} = await decide(`registry.example/vendor/proxy@${DIGEST}`, {args: ['--json']})
    assert.deepEqual([exitCode, Decided.parse(json).images[0]?.reasons], [1, ['policy.requires-nothing']], stderr)
    const requires = `requires: {signature: {keys: [{spki: "sha256:${signer.spki}", file: key.pub}]}}`
    await workspace.write('policy.yaml', POLICY.replace('match: {clusters: [sandbox]', `${requires}\n    match: {clusters: [sandbox]`))
    const admitted = await decide(`registry.example/vendor/proxy@${DIGEST}`, {args: ['--json']})
    assert.deepEqual([admitted.exitCode, Decided.parse(admitted.json).review?.response], [0, {uid: UID, allowed: true}], admitted.stderr)
  })

  it('ends with 2, recorded, where the policy names a key that is not there', async () => {
    const {exitCode, json} = await decide(`registry.example/prod/patient-api@${DIGEST}`, {cluster: 'prod-east', args: ['--json']})
    assert.equal(exitCode, 2)
    const {allowed, recorded, images} = Decided.parse(json)
    assert.deepEqual([allowed, recorded, images[0]?.reasons], [false, true, ['key.unreadable']])
  })

  it('refuses where no environment matches', async () => {
    const image = `registry.example/sandbox/patient-api@${DIGEST}`
    const elsewhere = await decide(image, {cluster: 'elsewhere', args: ['--json']})
    assert.deepEqual([elsewhere.exitCode, Decided.parse(elsewhere.json).images[0]?.reasons], [1, ['policy.no-environment']])
  })

  it('reads a file too, and takes a plain pod for what it is', async () => {
    const file = await workspace.write('pod.json', JSON.stringify(pod({containers: [container('nginx')]})))
    const {exitCode, json} = await workspace.cli(['admission', 'decide', file, '--cluster', 'sandbox', '--policy', 'policy.yaml', '--json'])
    assert.equal(exitCode, 2)
    const {code, message} = Failure.parse(json).error
    assert.deepEqual([code, message], ['usage.input', 'this is a "Pod", not an AdmissionReview'])
  })

  it('never finds a policy by itself', async () => {
    await workspace.write('hipaa-ci.yaml', POLICY)
    const base = ['admission', 'decide', '-', '--cluster', 'sandbox']
    const cases: [string[], Record<string, string>, string][] = [
      [base, {HIPAA_CI_CONFIG: 'hipaa-ci.yaml'}, 'usage.flag'],
      [[...base, '--config', 'hipaa-ci.yaml'], {}, 'usage.flag'],
      [[...base, '--policy', 'policy.yaml', '--config', 'hipaa-ci.yaml'], {}, 'usage.flag'],
      [[...base, '--policy', ''], {}, 'usage.empty'],
      [[...base, '--policy', 'absent.yaml'], {}, 'config.missing'],
      [['admission', 'decide', '-', '--policy', 'policy.yaml', '--cluster', ''], {}, 'usage.empty'],
      [[...base, '--policy', 'policy.yaml', '--mode', 'enforce'], {}, 'usage.flag'],
    ]
    for (const [args, env, code] of cases) {
      const {exitCode, json, stderr} = await workspace.cli([...args, '--json'], {
        env,
        stdin: Buffer.from(review({containers: [container('nginx')]})).toString(),
      })
      assert.deepEqual([exitCode, Failure.parse(json).error.code], [2, code], `${args.join(' ')}: ${stderr}`)
    }
  })

  it('refuses a policy with a fault in it', async () => {
    await workspace.write('policy.yaml', POLICY.replace('requires:', 'reqires:'))
    const {exitCode, json} = await decide('nginx', {args: ['--json']})
    assert.deepEqual([exitCode, Failure.parse(json).error.code], [2, 'config.invalid'])
  })

  it('gives no answer without a record', async () => {
    const {exitCode, json} = await decide('nginx', {args: ['--json', '--no-record']})
    const {recorded, review: answer} = Decided.parse(json)
    assert.deepEqual([exitCode, recorded, answer], [1, false, undefined])
  })
})
