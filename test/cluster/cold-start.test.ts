/**
 * All nodes are lost, and everything has to come back in order. What the cluster itself needs, Gatekeeper and the provider
 * start in namespaces that neither our webhook (by `kubernetes.io/metadata.name`, which nobody can forge) nor our
 * constraints ask about, so none of them waits for another. Everywhere else nothing starts until Gatekeeper and the provider
 * answer again, without a step by hand: the webhook is failed closed, and a constraint without a verdict refuses. That these
 * namespaces are not looked into is no secret: each start of a provider records them, and what started there meanwhile is
 * told, as explained, by `admission reconcile`.
 */
import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {parse} from 'yaml'
import {builtFile} from '../../scripts/built-tool.ts'
import {ENGINEER, eventually, NAMESPACE, podText} from './apply-installed.ts'
import type {Person} from './pki.ts'
import {startServingCluster, type ServingCluster} from './serving-cluster.ts'
import {account, admissionsOf, reconciled, REPLICA_SETS} from './story-world.ts'

const EXEMPT = ['kube-system', 'gatekeeper-system', 'hipaa-ci']
const STRANGER = `registry.test/stranger@sha256:${'d'.repeat(64)}`
/** Whoever makes the pods of each: with controllers, of its real role. */
const OWN: readonly [namespace: string, controller: Person][] = [
  ['kube-system', account('kube-system', 'daemon-set-controller')],
  ['gatekeeper-system', REPLICA_SETS],
  ['hipaa-ci', account('kube-system', 'statefulset-controller')],
]

describe('after the loss of all nodes', function () {
  this.timeout(180_000)
  let cluster: ServingCluster
  let came: {readonly namespace: string; readonly name: string}[] = []

  before(async () => {
    cluster = await startServingCluster()
    // As Gatekeeper brings it: it asks about every namespace, those of the cluster too.
    await cluster.must(['apply', '-f', '-'], generalWebhook(cluster))
    assert.equal((await app('while-well', cluster.signed)).code, 0)
  })
  after(async () => cluster?.stop())

  const app = async (name: string, image: string) => cluster.kubectl(ENGINEER, ['create', '-f', '-'], podText(name, image))
  /** The real ones of Gatekeeper and the provider: what they say of security and priority is what is admitted. */
  const spec = async (namespace: string): Promise<object> => {
    if (namespace === 'kube-system') return {containers: [{name: 'main', image: STRANGER}], priorityClassName: 'system-node-critical'}
    if (namespace === 'gatekeeper-system') return (gatekeepers('kind: Deployment') as Workload).spec.template.spec
    const set = JSON.parse(await cluster.must(['get', 'statefulset', 'hipaa-ci', '-n', namespace, '-o', 'json'])) as Workload
    const {volumes, ...template} = set.spec.template.spec
    return {...template, volumes: [...volumes, {name: 'log', emptyDir: {}}]}
  }
  const ownPods = async (when: string) => {
    for (const [namespace, controller] of OWN) {
      const name = `${when}-own`
      const {code, stderr} = await cluster.kubectl(controller, ['create', '-f', '-'], podText(name, '', {metadata: {namespace}, spec: await spec(namespace)}))
      assert.equal(code, 0, `${namespace}: ${stderr}`)
      came = [...came, {namespace, name}]
    }
  }

  it('with Gatekeeper up and no provider yet: what is needed starts, and nothing else', async () => {
    await cluster.providers[0]?.stop('SIGKILL')
    for (const image of [cluster.signed, cluster.unsigned]) {
      const {code, stderr} = await app('too-early', image)
      assert.notEqual(code, 0)
      assert.match(stderr, /hipaa-ci: not admitted, because there is no verdict/)
    }
    await ownPods('no-provider')
  })

  it('with no Gatekeeper either: the same', async () => {
    await cluster.gatekeeper.stop('SIGKILL')
    for (const image of [cluster.signed, cluster.unsigned]) {
      const {code, stderr} = await app('far-too-early', image)
      assert.notEqual(code, 0)
      assert.match(stderr, /failed calling webhook "pods\.images\.hipaa-ci"/)
    }
    await ownPods('nothing-up')
  })

  it('and Gatekeeper back before the provider is no other case than the first', async () => {
    await cluster.gatekeeper.start()
    assert.ok(await eventually(async () => (await app('early', cluster.signed)).stderr.includes('there is no verdict')))
    await ownPods('gatekeeper-back')
  })

  it('is over by itself when the provider answers: applications start, each with its record', async () => {
    await cluster.providers[0]?.start()
    assert.ok(await eventually(async () => (await app('back', cluster.signed)).code === 0))
    const uid = await cluster.must(['get', 'pod', 'back', '-n', NAMESPACE, '-o', 'jsonpath={.metadata.uid}'])
    const [record] = await admissionsOf(cluster, 'back', (detail) => detail.object_uid === uid)
    assert.equal(record?.data.detail.verdict, 'verified')
    assert.match((await app('still-bad', cluster.unsigned)).stderr, /signature\.missing/)
  })

  it('left evidence: the namespaces that nobody looks into, and every pod that came up there', async () => {
    const enforced = await cluster.records('enforcement')
    for (const {data} of enforced) assert.deepEqual('exempt' in data.detail && data.detail.exempt, EXEMPT)
    const boots = (await cluster.records('run')).filter(({data}) => data.detail.phase === 'start').map(({runid}) => runid)
    assert.deepEqual(new Set(enforced.map(({runid}) => runid)), new Set(boots))
    const {differences, requests} = await reconciled(cluster)
    for (const {namespace, name} of came) {
      const told = differences.find(({reason, what}) => reason === 'unverified-workload' && what === `${namespace}/${name}`)
      assert.deepEqual([told?.open, told?.causes?.includes('exempt-namespace')], [false, true], `${namespace}/${name}`)
      assert.ok(!requests.some((one) => one.name === name))
    }
    const refused = differences.filter(({reason}) => reason === 'refused-without-record').map(({what}) => what)
    for (const name of ['too-early', 'far-too-early']) assert.ok(refused.includes(`${NAMESPACE}/${name}`), name)
  })
})

interface Workload {
  spec: {template: {spec: {volumes: object[]}}}
}
interface Webhooks {
  webhooks: {name: string; clientConfig: {url?: string; caBundle?: string; service?: {path: string}}}[]
}

/** As Gatekeeper ships it, but for where it leads. */
function generalWebhook({keys, gatekeeper}: ServingCluster): string {
  const object = gatekeepers('kind: ValidatingWebhookConfiguration') as Webhooks
  for (const entry of object.webhooks)
    entry.clientConfig = {url: `${gatekeeper.url}${entry.clientConfig.service?.path}`, caBundle: Buffer.from(keys.gatekeeperAuthority).toString('base64')}
  assert.ok(object.webhooks.some(({name}) => name === 'validation.gatekeeper.sh'))
  return JSON.stringify(object)
}

/** The first such object of Gatekeeper's own manifest. */
function gatekeepers(kind: string): unknown {
  const parts = readFileSync(builtFile('gatekeeper', 'gatekeeper.yaml'), 'utf8').split(/^---$/m)
  return parse(parts.find((part) => part.includes(`\n${kind}\n`)) ?? '')
}
