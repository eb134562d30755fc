/**
 * What the built `admission install` says is to be typed, typed into a shell at a real API server, in that order; Gatekeeper
 * has its own roles and makes its own certificate. Without nodes nothing is ever rolled out: those steps alone are left out.
 */
import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {chmodSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {parseAllDocuments} from 'yaml'
import {builtFile, builtTool} from '../../scripts/built-tool.ts'
import {createWorkspace, type Workspace} from '../e2e/workspace.ts'
import {ended, type Ended} from '../program.ts'
import {eventually} from './apply-installed.ts'
import {BAD, writePolicy} from './install-on-cluster.ts'
import {GATEKEEPER} from './pki.ts'
import {ADMIN, startCluster, type TestCluster} from './start-cluster.ts'

const OURS = 'validatingwebhookconfigurations/hipaa-ci-images'
const INSTALL = ['admission', 'install', '--cluster=test', '--policy=policy/hipaa-ci.yaml', `--image=registry.test/hipaa-ci@sha256:${'c'.repeat(64)}`]
const FLAG = '--additional-validating-webhook-configs-to-rotate-certs='
const MANAGER = ['deployment', 'gatekeeper-controller-manager', '-n', 'gatekeeper-system']
const POD = JSON.stringify({apiVersion: 'v1', kind: 'Pod', metadata: {name: 'early', namespace: 'default'}, spec: {containers: [{name: 'm', image: BAD}]}})

describe('what install says is to be typed', function () {
  this.timeout(240_000)
  let workspace: Workspace
  let cluster: TestCluster
  let steps: readonly string[] = []
  before(async () => {
    workspace = await createWorkspace()
    cluster = await startCluster()
    await writePolicy(workspace.folder)
    steps = await install()
    const parts = parseAllDocuments(readFileSync(builtFile('gatekeeper', 'gatekeeper.yaml'), 'utf8')).map((part) => part.toJS() as {kind: string})
    for (const part of parts.filter(({kind}) => ['Deployment', 'Secret', 'Service'].includes(kind)))
      await cluster.must(['apply', '-f', '-'], JSON.stringify(part))
    await cluster.gatekeeper.start(false, ['--disable-cert-rotation=false'])
    const made = async () =>
      (await cluster.must(['get', 'secret', 'gatekeeper-webhook-server-cert', '-n', 'gatekeeper-system', '-o', 'json'])).includes('ca.crt')
    assert.ok(await eventually(made))
  })
  after(async () => {
    await cluster?.stop()
    await workspace?.remove()
  })

  async function install(): Promise<readonly string[]> {
    const {exitCode, json, stderr} = await workspace.cli([...INSTALL, '--out=out', '--json'])
    assert.equal(exitCode, 0, stderr)
    return (json as {next: string[]}).next.filter((step) => !step.includes(' rollout status '))
  }
  const typed = async (line: string): Promise<Ended> => {
    const bin = join(workspace.folder, 'bin')
    mkdirSync(bin, {recursive: true})
    writeFileSync(join(bin, 'kubectl'), `#!/bin/sh\nexec "${builtTool('kubectl')}" --kubeconfig="${cluster.keys.kubeconfig(ADMIN)}" "$@"\n`)
    chmodSync(join(bin, 'kubectl'), 0o755)
    return ended(spawn('/bin/sh', ['-c', line], {env: {PATH: `${bin}:${process.env['PATH']}`, HOME: workspace.folder}}))
  }
  const type = async (...lines: readonly string[]) => {
    for (const line of lines) {
      const {code, stderr} = await typed(line)
      assert.equal(code, 0, `${line}: ${stderr}`)
    }
  }
  const at = (what: string) => {
    const found = steps.findIndex((line) => line.includes(what))
    assert.notEqual(found, -1, `install says nothing of ${what}`)
    return found
  }
  const mayGatekeeper = async (verb: string, what: string) =>
    (await cluster.kubectl({name: GATEKEEPER, groups: []}, ['auth', 'can-i', verb, what])).stdout.trim()
  const names = async (kinds: string) => (await cluster.must(['get', kinds, '-A', '-l', 'app.kubernetes.io/part-of=hipaa-ci', '-o', 'name'])).trim()
  const args = async () => JSON.parse(await cluster.must(['get', ...MANAGER, '-o', 'jsonpath={.spec.template.spec.containers[0].args}'])) as string[]
  const authority = async () => cluster.must(['get', OURS, '-o', 'jsonpath={.webhooks[*].clientConfig.caBundle}'])
  const offer = async () => cluster.kubectl(ADMIN, ['create', '--dry-run=server', '-f', '-'], POD)

  it('is taken as one stream, too, but for what Gatekeeper has yet to define', async () => {
    const provider = readFileSync(join(workspace.folder, 'out', 'provider.yaml'), 'utf8')
    await workspace.write('ca.crt', Buffer.from(/caBundle: (\S+)/.exec(provider)?.[1] ?? '', 'base64'))
    const printed = await workspace.cli([...INSTALL, '--ca=ca.crt'])
    const step = printed.stderr.split('\n').find((line) => line.includes('!hipaa-ci/after')) ?? ''
    assert.match(step, /next: kubectl apply -f - -l '!hipaa-ci\/after' says of the constraints that it knows no such kind, and takes the rest/)
    const {code, stdout, stderr} = await cluster.kubectl(ADMIN, ['apply', '--dry-run=client', '-f', '-', '-l', '!hipaa-ci/after'], printed.stdout)
    assert.deepEqual([code, stderr.match(/no matches for kind "(\w+)"/g)?.every((said) => said.includes('HipaaCiImages'))], [1, true])
    assert.ok(stdout.includes('statefulset.apps/hipaa-ci ') && !/validatingwebhookconfiguration|deployment/.test(stdout))
  })

  it('brings everything that can refuse only after the provider', async () => {
    assert.deepEqual([await mayGatekeeper('update', OURS), await mayGatekeeper('patch', OURS)], ['no', 'no'])
    await type(...steps.slice(0, at('!hipaa-ci/after') + 1))
    assert.equal(await names('validatingwebhookconfigurations,hipaaciimages,deployments'), '')
    assert.match(await names('statefulsets,services,providers.externaldata.gatekeeper.sh'), /statefulset\S+hipaa-ci\n[\s\S]*provider\S+hipaa-ci/)
    assert.equal((await offer()).code, 0)
  })

  it('lets Gatekeeper write into our webhook, and no more', async () => {
    for (const verb of ['get', 'list', 'watch', 'update', 'patch']) assert.equal(await mayGatekeeper(verb, OURS), 'yes', verb)
    for (const verb of ['create', 'delete']) assert.equal(await mayGatekeeper(verb, OURS), 'no', verb)
    assert.equal(await mayGatekeeper('update', 'validatingwebhookconfigurations/of-another'), 'no')
  })

  it('gives Gatekeeper the flag once, and takes none away that is there', async () => {
    const [give, look] = [at(' patch deployment '), at(' grep -o ')].map((nth) => steps[nth] ?? '') as [string, string]
    assert.notEqual((await typed(look)).code, 0)
    const before = await args()
    await type(give, give, look)
    assert.deepEqual(await args(), [...before, `${FLAG}hipaa-ci-images`])
    const replaced = (value: string) =>
      JSON.stringify([{op: 'replace', path: `/spec/template/spec/containers/0/args/${before.length}`, value: `${FLAG}${value}`}])
    await cluster.must(['patch', ...MANAGER, '--type=json', '-p', replaced('of-another')])
    await type(give)
    assert.deepEqual([(await args()).at(-1), (await typed(look)).code], [`${FLAG}of-another`, 1])
    await cluster.must(['patch', ...MANAGER, '--type=json', '-p', replaced('of-another,hipaa-ci-images')])
    await type(give, look)
    assert.equal((await args()).at(-1), `${FLAG}of-another,hipaa-ci-images`)
  })

  it('has Gatekeeper write its authority, and waits until it is there', async () => {
    await cluster.gatekeeper.stop()
    await cluster.gatekeeper.start(false, ['--disable-cert-rotation=false', (await args()).at(-1) ?? ''])
    const [ask, trusted] = [at('hipaa-ci/after=provider'), at('caBundle')]
    assert.ok(ask < trusted)
    await type(...steps.slice(ask, trusted + 1))
    const made = await cluster.must(['get', 'secret', 'gatekeeper-webhook-server-cert', '-n', 'gatekeeper-system', '-o', String.raw`jsonpath={.data.ca\.crt}`])
    assert.equal(await authority(), `${made} ${made}`)
    assert.equal(await names('deployments'), '')
    assert.match((await offer()).stderr, /failed calling webhook|denied the request/)
  })

  it('brings the canary at last, and leaves the authority where all of it is applied again', async () => {
    const before = await authority()
    await type(...steps.slice(at('caBundle') + 1).filter((line) => !line.includes('gatekeeper-validating-webhook-configuration')))
    assert.match(await names('deployments'), /hipaa-ci-canary$/)
    assert.deepEqual(await install(), steps)
    await type(steps[at('!hipaa-ci/after')] ?? '', steps[at('hipaa-ci/after=provider')] ?? '')
    assert.equal(await authority(), before)
  })
})
