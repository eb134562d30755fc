/** What a real API server lists and logs, read by the built program: pods are asked for through the real kubectl. */
import assert from 'node:assert/strict'
import {mkdir} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import process from 'node:process'
import {z} from 'zod'
import {builtTool} from '../../scripts/built-tool.ts'
import {createWorkspace, type Workspace} from '../e2e/workspace.ts'
import {createSigner} from '../fakes/dsse-signer.ts'
import {startCluster, type TestCluster} from './start-cluster.ts'

const signer = createSigner()
const DIGEST = `sha256:${'a'.repeat(64)}`
const POLICY = `version: 1
system: patient-api
environments:
  production:
    repository: registry.example/prod/patient-api
    match: {clusters: [prod-*], namespaces: [web]}
    requires: {signature: {keys: [{spki: "sha256:${signer.spki}", file: key.pub}]}}
images:
  - {match: "registry.example/vendor/*", digests: ["${DIGEST}"], approved-by: platform-team, until: 2099-12-31}
`
const ADMIN = {name: 'admin', groups: ['system:masters']}
const ADA = {name: 'ada@example.org', groups: ['developers']}
const Listed = z.looseObject({items: z.array(z.looseObject({metadata: z.looseObject({uid: z.string(), name: z.string()})}))})
const Reconciled = z.looseObject({
  exitCode: z.number(),
  differences: z.array(
    z.looseObject({
      reason: z.string(),
      what: z.string(),
      open: z.boolean(),
      uid: z.string().optional(),
      user: z.string().optional(),
      verb: z.string().optional(),
    }),
  ),
})

const pod = (name: string, image: string) =>
  JSON.stringify({apiVersion: 'v1', kind: 'Pod', metadata: {name, namespace: 'web'}, spec: {containers: [{name: 'app', image}]}})
/** A webhook that nobody answers for, and that is passed over. */
const UNREACHABLE = JSON.stringify({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: {name: 'hipaa-ci-images'},
  webhooks: [
    {
      name: 'pods.images.hipaa-ci',
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Ignore',
      timeoutSeconds: 1,
      clientConfig: {url: 'https://127.0.0.1:9/'},
      rules: [{apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods']}],
      matchConditions: [{name: 'only-past', expression: "object.metadata.name == 'past'"}],
    },
  ],
})

describe('what a real cluster runs, and what its API server logs', function () {
  this.timeout(180_000)
  let cluster: TestCluster
  let workspace: Workspace
  before(async () => {
    cluster = await startCluster()
    workspace = await createWorkspace({PATH: `${dirname(builtTool('kubectl'))}:${dirname(process.execPath)}:/usr/bin:/bin`})
    await workspace.write('policy.yaml', POLICY)
    await workspace.write('key.pub', signer.pem)
    await mkdir(join(workspace.folder, '.hipaa-ci/evidence'), {recursive: true})
    await cluster.must(['create', 'namespace', 'web'])
    await cluster.must(['create', 'clusterrolebinding', 'ada', '--clusterrole=cluster-admin', `--user=${ADA.name}`])
    await cluster.must(['create', '-f', '-'], pod('good', `registry.example/vendor/proxy@${DIGEST}`))
    await cluster.must(['create', '-f', '-'], pod('tagged', 'nginx:1.27'))
  })
  after(async () => {
    await workspace.remove()
    await cluster.stop()
  })
  const admission = async (command: string, ...args: string[]) => workspace.cli(['admission', command, '--cluster', 'prod-east', ...args, '--json'])
  const asked = (person: Parameters<TestCluster['kubectl']>[0]) => ['--kubeconfig', cluster.keys.kubeconfig(person)]

  it('previews what it lists by itself', async () => {
    const {exitCode, json, stderr} = await admission('preview', '--policy', 'policy.yaml', ...asked(ADMIN))
    const {byRules, refused, images} = z
      .looseObject({byRules: z.number(), refused: z.number(), images: z.array(z.looseObject({image: z.string(), reasons: z.array(z.string())}))})
      .parse(json)
    assert.deepEqual([exitCode, byRules, refused], [1, 1, 1], stderr)
    assert.deepEqual(images.find(({image}) => image === 'nginx:1.27')?.reasons, ['policy.tag'])
  })

  it('finds each pod that nobody let in, by the uid that the API server gave it', async () => {
    const {items} = Listed.parse(JSON.parse(await cluster.must(['get', 'pods', '-A', '-o', 'json'])))
    const {exitCode, json, stderr} = await admission('reconcile', '--config', 'policy.yaml', ...asked(ADMIN))
    assert.equal(exitCode, 1, stderr)
    assert.deepEqual(
      Reconciled.parse(json)
        .differences.map(({uid}) => uid)
        .toSorted(),
      items.map(({metadata}) => metadata.uid).toSorted(),
    )
  })

  it('is refused where this user may not list, and tells a page of the API from the whole', async () => {
    const refused = await admission('reconcile', '--config', 'policy.yaml', ...asked({name: 'nobody', groups: ['nobodies']}))
    assert.equal(refused.exitCode, 4, refused.stderr)
    await workspace.write('page.json', await cluster.must(['get', '--raw', '/api/v1/pods?limit=1']))
    const page = await admission('reconcile', '--config', 'policy.yaml', '--listing', 'page.json')
    assert.deepEqual(z.looseObject({incomplete: z.array(z.string())}).parse(page.json).incomplete.length, 1)
  })

  it('names in the log who came past the webhook, who changed it, and who labelled the namespace', async () => {
    await cluster.must(['create', '-f', '-'], UNREACHABLE)
    const came = async () => {
      await cluster.kubectl(ADA, ['delete', 'pod', 'past', '-n', 'web', '--now', '--ignore-not-found'])
      const {stderr} = await cluster.kubectl(ADA, ['create', '-f', '-'], pod('past', 'nginx:1.27'))
      assert.equal(stderr, '')
      const {json} = await admission('reconcile', '--config', 'policy.yaml', '--audit-log', cluster.auditLog)
      return Reconciled.parse(json)
    }
    // The API server takes a moment before it asks a new webhook.
    let told = await came()
    for (let tries = 0; tries < 20 && !told.differences.some(({reason}) => reason === 'failed-open'); tries += 1) told = await came()
    await cluster.kubectl(ADA, ['label', 'namespace', 'web', 'admission.gatekeeper.sh/ignore=yes'])
    await cluster.kubectl(ADA, ['delete', 'validatingwebhookconfiguration', 'hipaa-ci-images'])
    await cluster.kubectl({name: 'nobody', groups: ['nobodies']}, ['delete', 'validatingwebhookconfiguration', 'hipaa-ci-images'])
    const {json, exitCode} = await admission('reconcile', '--config', 'policy.yaml', '--audit-log', cluster.auditLog)
    const {differences} = Reconciled.parse(json)
    const who = (reason: string, verb?: string) => differences.find((one) => one.reason === reason && (verb === undefined || one.verb === verb))
    assert.equal(exitCode, 1)
    assert.deepEqual([who('failed-open')?.what, who('failed-open')?.user, who('failed-open')?.open], ['web/past', ADA.name, true])
    assert.deepEqual([who('enforcement-changed', 'delete')?.user, who('enforcement-changed', 'delete')?.open], [ADA.name, true])
    assert.deepEqual([who('enforcement-changed', 'create')?.user, who('enforcement-changed', 'create')?.open], ['admin', false])
    assert.equal(who('enforcement-attempt')?.user, 'nobody')
    assert.equal(who('namespace-changed')?.user, ADA.name)
  })
})
