/** `admission install` as it is typed; in a real cluster in `test/cluster/`. */
import assert from 'node:assert/strict'
import {mkdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {parseAllDocuments} from 'yaml'
import {z} from 'zod'
import {createWorkspace, type Workspace} from '../e2e/workspace.ts'

const IMAGE = `registry.example/hipaa-ci@sha256:${'c'.repeat(64)}`
const POLICY = `version: 1
system: patient-api
store: s3://synthetic-evidence/prod?region=eu-central-1
environments:
  production:
    repository: registry.example/prod/api
    match: {clusters: [prod-*], namespaces: ["*"]}
    requires: {signature: {keys: [{spki: "sha256:${'b'.repeat(64)}", file: keys/release.pub}]}}
`
const Installed = z.looseObject({exitCode: z.number(), step: z.string(), folder: z.string().optional(), text: z.string().optional(), next: z.array(z.string())})
const Failure = z.object({error: z.object({code: z.string(), suggestions: z.array(z.string())})})

describe('hipaa-ci admission install', function () {
  this.timeout(120_000)
  let workspace: Workspace
  beforeEach(async () => {
    workspace = await createWorkspace()
    await mkdir(join(workspace.folder, 'policy', 'keys'), {recursive: true})
    await writeFile(join(workspace.folder, 'policy', 'keys', 'release.pub'), 'synthetic\n')
    await workspace.write('policy/hipaa-ci.yaml', POLICY)
  })
  afterEach(async () => workspace.remove())

  const base = ['admission', 'install', '--cluster', 'prod-east', '--policy', 'policy/hipaa-ci.yaml', '--image', IMAGE]
  const install = async (...args: string[]) => workspace.cli([...base, ...args])

  it('writes a base, says what to type, and shows the key nowhere', async () => {
    const {exitCode, stdout, stderr} = await install('--out', 'deploy')
    assert.equal(exitCode, 0, stderr)
    assert.match(stdout, /✔ (\d+) objects in .*\/deploy: what prod-east needs; \1 written/)
    assert.match(stdout, /→ kubectl apply -k /)
    assert.doesNotMatch(stdout + stderr, /PRIVATE KEY/)
    const again = await install('--out', 'deploy', '--json')
    const {step, folder} = Installed.parse(again.json)
    assert.deepEqual([again.exitCode, step, folder], [0, 'all', join(workspace.folder, 'deploy')])
    assert.doesNotMatch(again.stdout, /PRIVATE KEY|"written"/)
  })

  it('names the logins and the authority of registries of one’s own, and says who brings them', async () => {
    const {exitCode, stdout, stderr} = await install('--out', 'deploy', '--registry-secret', 'our-logins', '--registry-ca-configmap', 'our-ca')
    assert.equal(exitCode, 0, stderr)
    assert.match(stdout, /Before:\n[\s\S]*Secret our-logins is made by you[\s\S]*ConfigMap our-ca is made by you[\s\S]*Next:\n/)
    const written = async (file: string) => readFile(join(workspace.folder, 'deploy', file), 'utf8')
    assert.match(await written('stateful-set.yaml'), /name: our-ca\n[\s\S]*secretName: our-logins\n/)
    assert.match(await written('canary-deployment.yaml'), /imagePullSecrets:\n *- name: our-logins\n[\s\S]*name: our-ca\n/)
  })

  it('names the file that is not there, not another one to be made', async () => {
    const {exitCode, json} = await workspace.cli([...base.map((word) => word.replace('hipaa-ci.yaml', 'absent.yaml')), '--out', 'deploy', '--json'])
    const {error} = Failure.parse(json)
    assert.deepEqual([exitCode, error.code], [2, 'config.missing'])
    assert.match(error.suggestions.join('\n'), /hipaa-ci init --file 'policy\/absent\.yaml'/)
  })

  it('prints one stream, and says on the other channel that the Secret is not in it', async () => {
    await install('--out', 'deploy')
    const provider = await readFile(join(workspace.folder, 'deploy', 'provider.yaml'), 'utf8')
    await workspace.write('ca.crt', Buffer.from(/caBundle: (\S+)/.exec(provider)?.[1] ?? '', 'base64'))
    const {exitCode, stdout, stderr} = await install('--ca', 'ca.crt')
    assert.equal(exitCode, 0, stderr)
    const kinds = parseAllDocuments(stdout).map((document) => (document.toJS() as {kind: string}).kind)
    assert.ok(kinds.includes('StatefulSet') && kinds.includes('ValidatingWebhookConfiguration') && !kinds.includes('Secret'))
    assert.match(stderr, /the Secret hipaa-ci-tls is not among it/)
  })

  it('refuses what could change or leak', async () => {
    const cases: [string[], string][] = [
      [base, 'usage.flag'],
      [[...base.slice(0, -1), 'registry.example/hipaa-ci:latest', '--out', 'deploy'], 'usage.flag'],
      [base.slice(0, -2), 'usage.flag'],
      [[...base, '--out', ''], 'usage.empty'],
      [[...base, '--out', 'deploy', '--config', 'policy/hipaa-ci.yaml'], 'usage.flag'],
      [[...base, '--out', 'deploy', '--store', 'folder:evidence'], 'store.unsupported'],
      [[...base, '--out', 'deploy', '--ca', 'policy/hipaa-ci.yaml', '--renew'], 'usage.flag'],
    ]
    for (const [args, code] of cases) {
      const {exitCode, json, stderr} = await workspace.cli([...args, '--json'])
      assert.deepEqual([exitCode, Failure.parse(json).error.code], [2, code], `${args.join(' ')}: ${stderr}`)
    }
  })
})
