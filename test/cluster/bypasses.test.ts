/** The ways around admission that only an API server can show to be closed, by their number: real requests, by real people. */
import assert from 'node:assert/strict'
import process from 'node:process'
import type {Ended} from '../program.ts'
import {parseRequestKey} from '../../src/lib/admission/request-key.ts'
import {BAD, ENGINEER, eventually, GOOD, installOnCluster, knowing, NAMESPACE, podText, SENTENCE, type InstalledCluster} from './install-on-cluster.ts'

describe('a way around admission, on a real API server', function () {
  this.timeout(180_000)
  let cluster: InstalledCluster
  before(async () => {
    cluster = await installOnCluster()
  })
  after(async () => cluster?.stop())

  const engineer = async (argv: readonly string[], input?: string) => cluster.kubectl(ENGINEER, [...argv, '-n', NAMESPACE], input)
  const create = async (name: string, image: string, others: {spec?: object; metadata?: object} = {}) =>
    engineer(['create', '-f', '-'], podText(name, image, others))
  const patch = async (name: string, change: object, ...flags: string[]) => engineer(['patch', 'pod', name, '-p', JSON.stringify(change), ...flags])
  const uidOf = async (name: string) => (await engineer(['get', 'pod', name, '-o', 'jsonpath={.metadata.uid}'])).stdout
  const asks = () => cluster.provider.asked.map(parseRequestKey)

  it('is closed (0): what is known is admitted, and the provider was told who asked and for what', async () => {
    assertDone(await create('known', GOOD))
    const ask = asks().find(({ask: {name, dryRun}}) => name === 'known' && !dryRun)
    assert.deepEqual([ask?.mode, ask?.ask.user, ask?.ask.namespace, ask?.ask.groups.includes('engineers')], ['admission', 'erin', NAMESPACE, true])
    assert.equal(ask?.ask.objectUid, await uidOf('known'))
  })

  it('is closed (0): what is not known is refused, and the person reads the provider’s sentence', async () => {
    assertRefused(await create('unknown', BAD), SENTENCE)
    assert.match((await engineer(['get', 'pod', 'unknown'])).stderr, /NotFound/)
  })

  it('is closed (1): kubectl debug', async () => {
    assertRefused(await engineer(['debug', 'known', `--image=${BAD}`, '--container=peek', '--attach=false']), SENTENCE)
    assertDone(await engineer(['debug', 'known', `--image=${GOOD}`, '--container=peek-known', '--attach=false']))
    const ephemeral = asks().filter(({ask: {subresource}}) => subresource === 'ephemeralcontainers')
    assert.ok(ephemeral.some(({ask: {images}}) => images.some(({image}) => image === BAD)))
  })

  it('is closed (1): ephemeral containers by a request of one’s own', async () => {
    const ephemeralContainers = [{name: 'own', image: BAD}]
    assertRefused(await patch('known', {spec: {ephemeralContainers}}, '--subresource=ephemeralcontainers'), SENTENCE)
  })

  it('is closed (1): init containers, and a side car among them', async () => {
    assertRefused(await create('init', GOOD, {spec: {initContainers: [{name: 'first', image: BAD}]}}), SENTENCE)
    assertRefused(await create('side', GOOD, {spec: {initContainers: [{name: 'side', image: BAD, restartPolicy: 'Always'}]}}), SENTENCE)
  })

  it('is closed (2): an image volume', async () => {
    assertRefused(await create('volume', GOOD, {spec: {volumes: [{name: 'data', image: {reference: BAD}}]}}), SENTENCE)
  })

  it('is closed (3): another image in a pod that runs', async () => {
    assertRefused(await engineer(['set', 'image', 'pod/known', `main=${BAD}`]), SENTENCE)
    assertRefused(await patch('known', {metadata: {labels: {and: 'more'}}, spec: {containers: [{name: 'main', image: BAD}]}}), SENTENCE)
  })

  it('is closed (3), and labels and finalizers of a pod go on, whatever became of its image', async () => {
    assertDone(await create('finalized', GOOD, {metadata: {finalizers: ['test.hipaa-ci/held']}}))
    // Nothing is good any more that does not run already.
    cluster.provider.play(knowing([]))
    try {
      assertRefused(await create('late', GOOD), SENTENCE)
      assertDone(await engineer(['label', 'pod', 'finalized', 'tier=web']))
      assertDone(await engineer(['delete', 'pod', 'finalized', '--wait=false', '--grace-period=0', '--force']))
      assertDone(await patch('finalized', {metadata: {finalizers: null}}))
      assert.ok(await eventually(async () => (await engineer(['get', 'pod', 'finalized'])).code !== 0))
    } finally {
      cluster.provider.play(knowing([GOOD]))
    }
  })

  it('is closed (3): the image of a pod that is being deleted', async () => {
    assertDone(await create('leaving', GOOD, {metadata: {finalizers: ['test.hipaa-ci/held']}}))
    assertDone(await engineer(['delete', 'pod', 'leaving', '--wait=false']))
    assertRefused(await engineer(['set', 'image', 'pod/leaving', `main=${BAD}`]), SENTENCE)
    assertDone(await patch('leaving', {metadata: {finalizers: null}}))
  })

  it('is closed (7): a provider that hangs, and one that is gone', async () => {
    cluster.provider.play(() => 'hangs')
    assertRefused(await create('hung', GOOD), 'not admitted, because there is no verdict')
    cluster.provider.play(() => 'breaks')
    assertRefused(await create('broken', GOOD), 'not admitted, because there is no verdict')
    cluster.provider.play(knowing([GOOD]))
    assertDone(await create('again', GOOD))
  })

  it('is closed (18): the last of very many containers', async () => {
    const containers = Array.from({length: 150}, (_, at) => ({name: `c${at}`, image: at === 149 ? BAD : GOOD}))
    assertRefused(await create('many', GOOD, {spec: {containers}}), SENTENCE)
  })

  it('warns at once who brings what makes such pods, and keeps nothing out', async () => {
    const made = await engineer(['create', 'deployment', 'web', `--image=${BAD}`])
    assert.deepEqual([made.code, made.stderr.includes('Warning: [hipaa-ci-images-advice]'), made.stderr.includes(SENTENCE)], [0, true, true])
    const known = await engineer(['create', 'cronjob', 'nightly', `--image=${GOOD}`, '--schedule=0 3 * * *'])
    assert.deepEqual([known.code, known.stderr], [0, ''])
  })

  it('is closed (5): Gatekeeper frozen, then stopped; all that is not a pod goes on', async () => {
    process.kill(cluster.gatekeeper.pid(), 'SIGSTOP')
    try {
      assertRefused(await create('frozen', GOOD), 'failed calling webhook "pods.images.hipaa-ci"')
    } finally {
      process.kill(cluster.gatekeeper.pid(), 'SIGCONT')
    }
    await cluster.gatekeeper.stop('SIGKILL')
    try {
      assertRefused(await create('stopped', GOOD), 'failed calling webhook "pods.images.hipaa-ci"')
      assertRefused(await engineer(['debug', 'known', `--image=${GOOD}`, '--container=late', '--attach=false']), 'failed calling webhook')
      assertDone(await engineer(['create', 'configmap', 'goes-on']))
      assertDone(await engineer(['create', 'deployment', 'goes-on', `--image=${GOOD}`]))
      await cluster.must(['apply', '-f', '-'], LEASE)
    } finally {
      await cluster.gatekeeper.start()
    }
    assert.ok(await eventually(async () => (await create('back', BAD)).stderr.includes(SENTENCE)), 'it refuses again')
  })
})

const LEASE = JSON.stringify({apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: {name: 'leader', namespace: 'kube-system'}, spec: {}})

function assertRefused({code, stderr}: Ended, why: string): void {
  assert.notEqual(code, 0, 'it was admitted')
  assert.ok(stderr.includes(why), stderr)
}

function assertDone({code, stderr}: Ended): void {
  assert.equal(code, 0, stderr)
}
