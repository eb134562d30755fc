/**
 * Gatekeeper's own general webhook beside ours, on a real API server: with the step that `admission install` names each
 * request about pods is asked about once; what ours does not ask about, the general one goes on to see.
 */
import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {parseAllDocuments} from 'yaml'
import {builtFile, builtTool} from '../../scripts/built-tool.ts'
import {leavesOutPods} from '../../src/lib/admission/manifests/left-out-pods.ts'
import {parseRequestKey} from '../../src/lib/admission/request-key.ts'
import {ended} from '../program.ts'
import {ENGINEER, eventually, NAMESPACE, podText} from './apply-installed.ts'
import {GOOD, installOnCluster, knowing, type InstalledCluster} from './install-on-cluster.ts'
import {ADMIN} from './start-cluster.ts'

const EXEMPT = ['kube-system', 'gatekeeper-system', 'hipaa-ci']
const GENERAL = ['validatingwebhookconfiguration', 'gatekeeper-validating-webhook-configuration']
/** Not ours: refuses every object without the label, wherever Gatekeeper is asked. */
const OTHERS = [
  {
    apiVersion: 'templates.gatekeeper.sh/v1',
    kind: 'ConstraintTemplate',
    metadata: {name: 'needsowner'},
    spec: {
      crd: {spec: {names: {kind: 'NeedsOwner'}}},
      targets: [
        {
          target: 'admission.k8s.gatekeeper.sh',
          rego: 'package needsowner\nviolation[{"msg": "has no owner"}] { not input.review.object.metadata.labels.owner }',
        },
      ],
    },
  },
  {
    apiVersion: 'constraints.gatekeeper.sh/v1beta1',
    kind: 'NeedsOwner',
    metadata: {name: 'needs-owner'},
    spec: {match: {kinds: [{apiGroups: [''], kinds: ['Pod', 'ConfigMap']}], namespaces: [NAMESPACE, 'kube-system']}},
  },
]

describe('Gatekeeper’s general webhook beside ours', function () {
  this.timeout(180_000)
  let cluster: InstalledCluster
  before(async () => {
    cluster = await installOnCluster()
    const {url} = cluster.gatekeeper
    const caBundle = Buffer.from(cluster.keys.gatekeeperAuthority).toString('base64')
    const general = parseAllDocuments(readFileSync(builtFile('gatekeeper', 'gatekeeper.yaml'), 'utf8'))
      .map((document) => document.toJS() as Configuration)
      .find(({kind}) => kind === 'ValidatingWebhookConfiguration')
    for (const entry of general?.webhooks ?? []) entry.clientConfig = {url: `${url}${entry.clientConfig.service?.path ?? ''}`, caBundle}
    await cluster.must(['apply', '-f', '-'], JSON.stringify(general))
    await cluster.must(['apply', '-f', '-'], JSON.stringify(OTHERS[0]))
    await cluster.must(['wait', '--for=create', 'crd/needsowner.constraints.gatekeeper.sh', '--timeout=60s'])
    await cluster.must(['wait', '--for=condition=Established', 'crd/needsowner.constraints.gatekeeper.sh', '--timeout=60s'])
    await cluster.must(['apply', '-f', '-'], JSON.stringify(OTHERS[1]))
    assert.ok(await eventually(async () => refusedByOthers(await create('early', {metadata: {labels: {}}}))))
  })
  after(async () => cluster?.stop())

  const create = async (name: string, others: {spec?: object; metadata?: object} = {}, ...flags: string[]) =>
    cluster.kubectl(ENGINEER, ['create', '-f', '-', '--dry-run=server', ...flags], podText(name, GOOD, {metadata: {labels: {owner: 'web'}}, ...others}))
  const refusedByOthers = ({stderr}: {stderr: string}) => stderr.includes('[needs-owner] has no owner')
  /** Uids of the requests about this object, as the provider was asked. */
  const asksAbout = (name: string) => [...new Set(cluster.provider.asked.map(parseRequestKey).flatMap(({ask}) => (ask.name === name ? [ask.uid] : [])))]
  const text = async () => cluster.must(['get', ...GENERAL, '-o', 'yaml'])
  const step = () => cluster.next.at(-1) ?? ''
  const type = async (line: string) => {
    const kubectl = `"${builtTool('kubectl')}" --kubeconfig="${cluster.keys.kubeconfig(ADMIN)}"`
    const {code, stdout, stderr} = await ended(spawn('/bin/sh', ['-c', line.replace(/^kubectl/, kubectl)]))
    assert.deepEqual([code, stderr], [0, ''])
    return stdout
  }

  it('has each pod judged twice, as long as nothing is done about it', async () => {
    assert.equal((await create('before')).code, 0)
    assert.equal(asksAbout('before').length, 2)
    assert.equal(leavesOutPods(await text(), 'x', EXEMPT), false)
  })

  it('never asks about pods of an exempt namespace: they come back while the provider is down', async () => {
    const pod = JSON.stringify({
      ...(JSON.parse(podText('dns', 'anything:1')) as object),
      metadata: {name: 'dns', namespace: 'kube-system', labels: {owner: 'x'}},
    })
    cluster.provider.play(() => 'breaks')
    const {code, stderr} = await cluster.kubectl(ADMIN, ['create', '--dry-run=server', '-f', '-'], pod)
    assert.deepEqual([code, stderr, asksAbout('dns')], [0, '', []])
  })

  it('is taken out of the way by the last step: one request, one record', async () => {
    cluster.provider.play(knowing([GOOD]))
    assert.match(step(), /^kubectl patch validatingwebhookconfiguration gatekeeper-validating-webhook-configuration /)
    await type(step())
    assert.match(await type(step()), /no change/)
    assert.equal(leavesOutPods(await text(), 'x', EXEMPT), true)
    assert.equal(leavesOutPods(await text(), 'x', [...EXEMPT, 'more']), false, 'with other exempt namespaces it is another patch')
    let tried = 0
    const once = async () => {
      const name = `after-${(tried += 1)}`
      assert.equal((await create(name)).code, 0)
      return asksAbout(name).length === 1
    }
    assert.ok(await eventually(once, 50))
    assert.equal((await cluster.kubectl(ENGINEER, ['create', '-f', '-'], podText('real', GOOD, {metadata: {labels: {owner: 'web'}}}))).code, 0)
    assert.equal(asksAbout('real').length, 1)
    const debug = ['debug', 'real', `--image=${GOOD}`, '--container=peek', '--attach=false', '-n', NAMESPACE]
    assert.equal((await cluster.kubectl(ENGINEER, debug)).code, 0)
    assert.equal(asksAbout('real').length, 2, 'the pod, and the container that came later')
    assert.equal((await cluster.kubectl(ENGINEER, ['create', 'deployment', 'told-once', `--image=${GOOD}`, '-n', NAMESPACE])).code, 0)
    assert.equal(asksAbout('told-once').length, 1)
  })

  it('leaves other people’s constraints as they were: on pods by ours, on all else and in exempt namespaces by the general one', async () => {
    assert.ok(refusedByOthers(await create('unowned', {metadata: {labels: {}}})))
    const settings = (namespace: string) => ['create', 'configmap', 'unowned', '-n', namespace, '--dry-run=server']
    assert.ok(refusedByOthers(await cluster.kubectl(ADMIN, settings(NAMESPACE))))
    const pod = JSON.stringify({...(JSON.parse(podText('unowned', GOOD)) as object), metadata: {name: 'unowned', namespace: 'kube-system'}})
    assert.ok(refusedByOthers(await cluster.kubectl(ADMIN, ['create', '--dry-run=server', '-f', '-'], pod)))
  })
})

interface Configuration {
  kind: string
  webhooks: {clientConfig: {url?: string; caBundle?: string; service?: {path: string}}}[]
}
