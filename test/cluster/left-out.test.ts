/** What a real cluster leaves out, read by the built program through the real kubectl: bypass 6, each way with the real Gatekeeper's own types. */
import assert from 'node:assert/strict'
import {mkdir} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import process from 'node:process'
import {z} from 'zod'
import {builtTool} from '../../scripts/built-tool.ts'
import {INSTALLATION_COMMAND} from '../../src/lib/admission/installation.ts'
import {createWorkspace, type Workspace} from '../e2e/workspace.ts'
import {installOnCluster, type InstalledCluster} from './install-on-cluster.ts'
import {ADMIN} from './start-cluster.ts'

const Reconciled = z.looseObject({
  exitCode: z.number(),
  exemptBy: z.string(),
  reasons: z.array(z.string()),
  incomplete: z.array(z.string()),
  differences: z.array(z.looseObject({reason: z.string(), what: z.string(), open: z.boolean(), says: z.string().optional()})),
})
const ABOUT: ReadonlySet<string> = new Set(['left-out', 'not-left-out', 'narrowed', 'ignore-labelled'])
const EXCLUDED = {apiVersion: 'config.gatekeeper.sh/v1alpha1', kind: 'Config', metadata: {name: 'config', namespace: 'gatekeeper-system'}}

describe('what a real cluster leaves out', function () {
  this.timeout(180_000)
  let cluster: InstalledCluster
  let workspace: Workspace
  before(async () => {
    cluster = await installOnCluster()
    workspace = await createWorkspace({PATH: `${dirname(builtTool('kubectl'))}:${dirname(process.execPath)}:/usr/bin:/bin`})
    await workspace.write('policy.yaml', 'version: 1\nsystem: patient-api\n')
    await mkdir(join(workspace.folder, '.hipaa-ci/evidence'), {recursive: true})
  })
  after(async () => {
    await workspace?.remove()
    await cluster?.stop()
  })

  /** No provider reported here, so that everything that is left out is told. */
  async function told(...flags: string[]) {
    const asked = flags.length > 0 ? flags : ['--kubeconfig', cluster.keys.kubeconfig(ADMIN)]
    const {json, stderr} = await workspace.cli(['admission', 'reconcile', '--cluster', 'test', '--config', 'policy.yaml', ...asked, '--json'])
    const result = Reconciled.safeParse(json)
    if (!result.success) throw new Error(stderr)
    const {data} = result
    return {
      ...data,
      about: data.differences
        .filter(({reason}) => ABOUT.has(reason))
        .map(({reason, what}) => `${reason} ${what}`)
        .toSorted(),
    }
  }
  const INSTALLED = ['left-out namespaces/gatekeeper-system', 'left-out namespaces/hipaa-ci', 'left-out namespaces/kube-system']
  const isThere = async (what: string) => (await told()).about.includes(what)

  it('is what install exempted, by name, in webhook and constraint, and nothing else', async () => {
    const {about, reasons, exemptBy} = await told()
    assert.deepEqual(
      about.filter((one) => !one.startsWith('ignore-labelled')),
      INSTALLED,
    )
    assert.ok(reasons.includes('admission.left-out') && exemptBy === 'policy-and-cluster')
  })

  it('is read from what the command prints, to the same result', async () => {
    const [, ...argv] = INSTALLATION_COMMAND.split(' ')
    await workspace.write('installation.json', await cluster.must(argv))
    await workspace.write('pods.json', await cluster.must(['get', 'pods', '-A', '-o', 'json']))
    assert.deepEqual((await told('--listing', 'pods.json', '--installation', 'installation.json')).about, (await told()).about)
    assert.equal((await told('--listing', 'pods.json')).exemptBy, 'policy')
  })

  it('bypass 6: names a namespace that Gatekeeper’s Config excludes', async () => {
    const spec = {match: [{excludedNamespaces: ['patient-*'], processes: ['webhook']}]}
    await cluster.must(['apply', '-f', '-'], JSON.stringify({...EXCLUDED, spec}))
    assert.ok(await isThere('left-out namespaces/patient-api'))
    await cluster.must(['delete', 'config.config.gatekeeper.sh', 'config', '-n', 'gatekeeper-system'])
    assert.ok(!(await isThere('left-out namespaces/patient-api')))
  })

  it('bypass 6: names one that our webhook or our constraint was made to leave out', async () => {
    await cluster.must(['create', 'namespace', 'quiet'])
    const excluded = [{op: 'add', path: '/spec/match/excludedNamespaces/-', value: 'qui*'}]
    await cluster.must(['patch', 'hipaaciimages', 'hipaa-ci-images', '--type=json', '-p', JSON.stringify(excluded)])
    assert.ok(await isThere('left-out namespaces/quiet'))
    const selector = [{op: 'add', path: '/webhooks/0/objectSelector', value: {matchLabels: {checked: 'yes'}}}]
    await cluster.must(['patch', 'validatingwebhookconfiguration', 'hipaa-ci-images', '--type=json', '-p', JSON.stringify(selector)])
    assert.ok(await isThere('narrowed validatingwebhookconfigurations/hipaa-ci-images'))
    await cluster.must(['delete', 'validatingwebhookconfiguration', 'hipaa-ci-images'])
    const {about} = await told()
    for (const name of ['patient-api', 'quiet', 'default']) assert.ok(about.includes(`left-out namespaces/${name}`), name)
  })

  it('says what is missing where this user may not look', async () => {
    await cluster.must(['create', 'clusterrole', 'pods', '--verb=list', '--resource=pods'])
    await cluster.must(['create', 'clusterrolebinding', 'looker', '--clusterrole=pods', '--user=looker'])
    const {incomplete, exemptBy, about} = await told('--kubeconfig', cluster.keys.kubeconfig({name: 'looker', groups: []}))
    assert.deepEqual([exemptBy, about, incomplete.some((why) => why.includes('does not let this user list namespaces'))], ['policy', [], true])
  })
})
