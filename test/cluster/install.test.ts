/**
 * What `admission install` wrote, in a real cluster: each object is taken, engineers do their work and cannot touch what
 * judges it, and an administrator who does is named in the audit log.
 */
import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {createAuthority} from '../certificates.ts'
import type {Ended} from '../program.ts'
import {BAD, ENGINEER, eventually, GOOD, installOnCluster, NAMESPACE, podText, SENTENCE, type InstalledCluster} from './install-on-cluster.ts'
import type {Person} from './pki.ts'
import {ADMIN} from './start-cluster.ts'

/** As in hipaa-ci, so of the cluster: what decides what may run, and a change of it that a real person might try. */
const JUDGES: readonly [string, object][] = [
  ['validatingwebhookconfiguration/hipaa-ci-images', {webhooks: []}],
  ['validatingadmissionpolicy/hipaa-ci-ignore-label', {spec: {failurePolicy: 'Ignore'}}],
  ['validatingadmissionpolicybinding/hipaa-ci-ignore-label', {spec: {validationActions: ['Warn']}}],
  ['hipaaciimages/hipaa-ci-images', {spec: {enforcementAction: 'dryrun'}}],
  ['hipaaciimages/hipaa-ci-images-warn', {spec: {enforcementAction: 'dryrun'}}],
  ['constrainttemplate/hipaaciimages', {metadata: {labels: {changed: 'yes'}}}],
  ['provider.externaldata.gatekeeper.sh/hipaa-ci', {spec: {url: 'https://elsewhere.test/validate'}}],
  ['clusterrole/hipaa-ci-engineer', {rules: []}],
  ['namespace/hipaa-ci', {metadata: {labels: {'admission.gatekeeper.sh/ignore': 'yes'}}}],
  [`namespace/${NAMESPACE}`, {metadata: {labels: {'admission.gatekeeper.sh/ignore': 'yes'}}}],
]
const IN_PLACE: readonly [string, object][] = [
  ['statefulset/hipaa-ci', {spec: {replicas: 0}}],
  ['service/hipaa-ci', {spec: {selector: {app: 'mine'}}}],
  ['serviceaccount/hipaa-ci', {metadata: {annotations: {changed: 'yes'}}}],
  ['networkpolicy/hipaa-ci', {spec: {policyTypes: []}}],
  ['secret/hipaa-ci-tls', {data: {}}],
]
/** May change namespaces, and nothing else: by every road. */
const NAMESPACE_KEEPER: Person = {name: 'nora', groups: ['namespace-keepers']}

describe('what install wrote, in a cluster', function () {
  this.timeout(120_000)
  let cluster: InstalledCluster
  before(async () => {
    cluster = await installOnCluster()
    await cluster.must([
      'create',
      'clusterrole',
      'namespace-keeper',
      '--verb=get,list,create,update,patch',
      '--resource=namespaces,namespaces/status,namespaces/finalize',
    ])
    await cluster.must(['create', 'clusterrolebinding', 'namespace-keepers', '--clusterrole=namespace-keeper', '--group=namespace-keepers'])
  })
  after(async () => cluster?.stop())

  const engineer = async (argv: readonly string[], input?: string) => cluster.kubectl(ENGINEER, argv, input)
  const keeper = async (argv: readonly string[], input?: string) => cluster.kubectl(NAMESPACE_KEEPER, argv, input)

  it('is taken by the API server, object by object', async () => {
    for (const file of cluster.files) await cluster.must(['apply', '--dry-run=server', '-f', join(cluster.folder, file)])
    await cluster.must(['apply', '--dry-run=server', '-f', join(cluster.folder, 'private', 'tls-secret.yaml')])
    const there = await cluster.must(['get', 'statefulset,service,networkpolicy,poddisruptionbudget,serviceaccount,secret', '-n', 'hipaa-ci', '-o', 'name'])
    for (const kind of ['statefulset', 'service', 'networkpolicy', 'poddisruptionbudget', 'serviceaccount', 'secret/hipaa-ci-tls'])
      assert.ok(there.includes(kind), kind)
  })

  it('holds to the strictest level of pod security, as its own namespace demands', async () => {
    const {spec} = JSON.parse(await cluster.must(['get', 'statefulset', 'hipaa-ci', '-n', 'hipaa-ci', '-o', 'json'])) as {
      spec: {template: {spec: {volumes: object[]}}}
    }
    const volumes = [...spec.template.spec.volumes, {name: 'log', emptyDir: {}}]
    const pod = {apiVersion: 'v1', kind: 'Pod', metadata: {name: 'hipaa-ci-0', namespace: 'hipaa-ci'}, spec: {...spec.template.spec, volumes}}
    const {code, stderr} = await cluster.kubectl(ADMIN, ['create', '--dry-run=server', '-f', '-'], JSON.stringify(pod))
    assert.deepEqual([code, stderr], [0, ''])
  })

  it('is applied again without a change', async () => {
    const generations = async () =>
      cluster.must(['get', '-k', cluster.folder, '-o', 'jsonpath={range .items[*]}{.kind} {.metadata.name} {.metadata.generation} {.metadata.uid}{"\\n"}{end}'])
    const before = await generations()
    await cluster.must(['apply', '-k', cluster.folder])
    assert.match(before, /^StatefulSet hipaa-ci 1 /m)
    assert.equal(await generations(), before)
  })

  it('lets engineers do their work', async () => {
    const work: [string[], string?][] = [
      [['create', '-f', '-'], podText('mine', GOOD)],
      [['create', 'deployment', 'web', `--image=${GOOD}`, '-n', NAMESPACE]],
      [['scale', 'deployment', 'web', '--replicas=3', '-n', NAMESPACE]],
      [['create', 'configmap', 'settings', '-n', NAMESPACE]],
      [['create', 'service', 'clusterip', 'web', '--tcp=80', '-n', NAMESPACE]],
      [['get', 'pods,deployments,events', '-n', NAMESPACE]],
      [['delete', 'deployment', 'web', '-n', NAMESPACE]],
    ]
    for (const [argv, input] of work) assertDone(await engineer(argv, input))
    for (const [judge] of JUDGES.filter(([name]) => !name.startsWith('clusterrole/'))) assertDone(await engineer(['get', judge]))
  })

  it('keeps engineers from deleting or changing what judges their work', async () => {
    for (const [judge, change] of JUDGES) {
      assertForbidden(await engineer(['delete', judge, '--dry-run=server']), judge)
      assertForbidden(await engineer(['patch', judge, '--type=merge', '-p', JSON.stringify(change), '--dry-run=server']), judge)
    }
    for (const verb of ['create', 'deletecollection', 'update'])
      for (const kind of [
        'validatingwebhookconfigurations',
        'hipaaciimages',
        'constrainttemplates',
        'providers.externaldata.gatekeeper.sh',
        'configs.config.gatekeeper.sh',
      ])
        assert.equal((await engineer(['auth', 'can-i', verb, kind])).stdout.trim(), 'no', `${verb} ${kind}`)
  })

  it('keeps engineers out of the provider’s namespace and Gatekeeper’s', async () => {
    for (const [object, change] of IN_PLACE) {
      assertForbidden(await engineer(['get', object, '-n', 'hipaa-ci']), object)
      assertForbidden(await engineer(['delete', object, '-n', 'hipaa-ci', '--dry-run=server']), object)
      assertForbidden(await engineer(['patch', object, '-n', 'hipaa-ci', '--type=merge', '-p', JSON.stringify(change), '--dry-run=server']), object)
    }
    for (const place of ['hipaa-ci', 'gatekeeper-system', 'kube-system'])
      assert.equal((await engineer(['auth', 'can-i', 'create', 'pods', '-n', place])).stdout.trim(), 'no', place)
  })

  it('keeps engineers from giving themselves more', async () => {
    const admin = ['--clusterrole=cluster-admin', '--user=erin', '--dry-run=server']
    assertForbidden(await engineer(['create', 'clusterrolebinding', 'mine', ...admin]), 'clusterrolebinding')
    assertForbidden(await engineer(['create', 'rolebinding', 'mine', ...admin, '-n', NAMESPACE]), 'rolebinding')
    assertForbidden(await engineer(['get', 'pods', '--as=admin', '--as-group=system:masters']), 'impersonation')
    assert.equal((await engineer(['auth', 'can-i', 'create', 'serviceaccounts', '--subresource=token', '-n', NAMESPACE])).stdout.trim(), 'no')
  })

  /** Each road by which a label gets onto a namespace. */
  const roads: readonly [string, (name: string) => Promise<Ended>][] = [
    ['create', async (name) => keeper(['create', '-f', '-'], labelled(name))],
    ['update', async (name) => keeper(['label', 'namespace', name, 'admission.gatekeeper.sh/ignore=yes'])],
    ['status', async (name) => keeper(['patch', 'namespace', name, '--subresource=status', '--type=merge', '-p', labelled(name)])],
    ['finalize', async (name) => keeper(['replace', '--raw', `/api/v1/namespaces/${name}/finalize`, '-f', '-'], labelled(name))],
  ]
  for (const [road, label] of roads)
    it(`is closed (6): the ignore label, by ${road}`, async () => {
      if (road !== 'create') await cluster.must(['create', 'namespace', `guarded-${road}`])
      const refused = await label(`guarded-${road}`)
      assert.match(refused.stderr, /hipaa-ci: the label admission\.gatekeeper\.sh\/ignore would keep the images of namespace guarded-/)
      assert.ok(!(await labelsOf(`guarded-${road}`)).includes('ignore'))
    })

  it('leaves the exempt namespaces and other labels alone (6)', async () => {
    await cluster.must(['label', 'namespace', 'gatekeeper-system', 'admission.gatekeeper.sh/ignore=own', '--overwrite'])
    assertDone(await keeper(['label', 'namespace', NAMESPACE, 'team=web']))
  })

  it('without the guard the label gets on by every road (6): and our webhook looks in all the same', async () => {
    await cluster.must(['delete', 'validatingadmissionpolicybinding', 'hipaa-ci-ignore-label'])
    try {
      for (const [road, label] of roads) {
        const name = `open-${road}`
        if (road !== 'create') await cluster.must(['create', 'namespace', name])
        assert.ok(await eventually(async () => (await label(name)).code === 0), road)
        assert.ok((await labelsOf(name)).includes('admission.gatekeeper.sh/ignore'), road)
        const pod = JSON.stringify({apiVersion: 'v1', kind: 'Pod', metadata: {name: 'hidden', namespace: name}, spec: {containers: [{name: 'm', image: BAD}]}})
        assert.ok((await cluster.kubectl(ADMIN, ['create', '-f', '-'], pod)).stderr.includes(SENTENCE), road)
      }
    } finally {
      await cluster.must(['apply', '-f', join(cluster.folder, 'label-guard-binding.yaml')])
    }
    // What carried it before may change, and go: or nobody could ever remove it.
    const ignore = ['label', 'namespace', 'guarded-update', 'admission.gatekeeper.sh/ignore=yes', '--dry-run=server']
    assert.ok(await eventually(async () => (await keeper(ignore)).code !== 0))
    assertDone(await keeper(['label', 'namespace', 'open-update', 'team=web']))
    await cluster.must(['delete', 'namespace', 'open-create', '--wait=false'])
  })

  it('lets Gatekeeper trust an old and a new authority side by side, while the certificate is replaced', async () => {
    const provider = JSON.parse(readFileSync(join(cluster.folder, 'provider.yaml'), 'utf8')) as {spec: {caBundle: string}}
    const other = createAuthority('Synthetic Next Authority').cert
    const trusting = (...authorities: string[]) =>
      JSON.stringify({...provider, spec: {...provider.spec, caBundle: Buffer.from(authorities.join('')).toString('base64')}})
    const admitted = async () => (await engineer(['create', '--dry-run=server', '-f', '-'], podText('rotating', GOOD))).code === 0
    try {
      await cluster.must(['apply', '-f', '-'], trusting(other))
      assert.ok(await eventually(async () => !(await admitted())), 'who is not trusted is not believed')
      await cluster.must(['apply', '-f', '-'], trusting(other, Buffer.from(provider.spec.caBundle, 'base64').toString()))
      assert.ok(await eventually(admitted))
    } finally {
      await cluster.must(['apply', '-f', join(cluster.folder, 'provider.yaml')])
    }
  })

  it('names who changed what judges (17): an administrator may, and pods are let in until it is undone', async () => {
    const admitted = async () => (await engineer(['create', '--dry-run=server', '-f', '-'], podText('while-open', BAD))).code === 0
    assert.ok(!(await admitted()))
    await cluster.must(['patch', 'hipaaciimages', 'hipaa-ci-images', '--type=merge', '-p', '{"spec":{"enforcementAction":"dryrun"}}'])
    assert.ok(await eventually(admitted))
    await cluster.must(['apply', '-f', join(cluster.folder, 'constraint.yaml')])
    assert.ok(await eventually(async () => !(await admitted())))
    await cluster.must(['delete', 'validatingwebhookconfiguration', 'hipaa-ci-images'])
    assert.ok(await eventually(admitted))
    await cluster.must(['apply', '-f', join(cluster.folder, 'webhook.yaml')])
    assert.ok(await eventually(async () => !(await admitted())))
    const events = readFileSync(cluster.auditLog, 'utf8')
    const changes = (resource: string, verb: string) =>
      events
        .split('\n')
        .filter((line) => line.includes(`"resource":"${resource}"`) && line.includes(`"verb":"${verb}"`))
        .map((line) => JSON.parse(line) as {user: {username: string}; objectRef: {name?: string}; responseStatus: {code: number}})
        .filter(({objectRef, responseStatus}) => objectRef.name === 'hipaa-ci-images' && responseStatus.code === 200)
        .map(({user}) => user.username)
    assert.ok(changes('hipaaciimages', 'patch').includes('admin'))
    assert.deepEqual([...new Set(changes('validatingwebhookconfigurations', 'delete'))], ['admin'])
  })

  async function labelsOf(name: string): Promise<string> {
    return (await cluster.kubectl(ADMIN, ['get', 'namespace', name, '-o', 'jsonpath={.metadata.labels}'])).stdout
  }
})

function labelled(name: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {name, labels: {'admission.gatekeeper.sh/ignore': 'yes'}},
    spec: {finalizers: ['kubernetes']},
  })
}

function assertDone({code, stderr}: Ended): void {
  assert.equal(code, 0, stderr)
}

function assertForbidden({code, stderr}: Ended, what: string): void {
  assert.notEqual(code, 0, what)
  assert.match(stderr, /Forbidden|is forbidden|cannot impersonate/, what)
}
