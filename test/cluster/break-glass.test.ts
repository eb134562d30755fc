/**
 * The step that takes our webhook out of the way, and the canary that tells, against a real API server.
 *
 * A server of the test stands for Gatekeeper: what is tested is what an API server makes of answers and of the step.
 */
import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {createServer, type Server} from 'node:https'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {canaryPod, readOffer, type CanaryAnswer} from '../../src/lib/admission/canary.ts'
import {webhookSteps} from '../../src/lib/admission/webhook-step.ts'
import {offerByKubectl} from '../../src/lib/kubernetes/by-kubectl.ts'
import {offerInCluster} from '../../src/lib/kubernetes/in-cluster.ts'
import {run} from '../../src/lib/process.ts'
import {builtTool} from '../../scripts/built-tool.ts'
import {createAuthority} from '../certificates.ts'
import {ended} from '../program.ts'
import {ADMIN, startCluster, type TestCluster} from './start-cluster.ts'

const NAMESPACE = 'canary'
const authority = createAuthority()
let cluster: TestCluster
let gate: Server
let folder: string

before(async function () {
  this.timeout(180_000)
  folder = mkdtempSync(join(tmpdir(), 'hipaa-ci-glass-'))
  gate = createServer(authority.issue(['127.0.0.1']), (request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const {
        request: {uid},
      } = JSON.parse(Buffer.concat(parts).toString()) as {request: {uid: string}}
      const status = {code: 403, message: '[hipaa-ci-images] hipaa-ci refused 1 image: spec.containers[0]: image.not-found'}
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: {uid, allowed: false, status}}))
    })
  })
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve))
  cluster = await startCluster()
  await cluster.must(['create', 'namespace', NAMESPACE])
  for (const name of ['canary', 'stranger']) await cluster.must(['create', 'serviceaccount', name, `--namespace=${NAMESPACE}`])
  await cluster.must(['create', 'role', 'canary', '--verb=create', '--resource=pods', `--namespace=${NAMESPACE}`])
  await cluster.must(['create', 'rolebinding', 'canary', '--role=canary', `--serviceaccount=${NAMESPACE}:canary`, `--namespace=${NAMESPACE}`])
})

after(async () => {
  gate?.closeAllConnections()
  gate?.close()
  await cluster?.stop()
  rmSync(folder, {recursive: true, force: true})
})

/** As `admission install` prints it, but for where it leads. */
async function webhook(port: number): Promise<void> {
  const entry = {
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    timeoutSeconds: 10,
    clientConfig: {url: `https://127.0.0.1:${port}/v1/admit`, caBundle: Buffer.from(authority.cert).toString('base64')},
  }
  const rules = (group: string, resources: string[]) => [
    {apiGroups: [group], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources, scope: 'Namespaced'},
  ]
  const webhooks = [
    {...entry, name: 'pods.images.hipaa-ci', failurePolicy: 'Fail', rules: rules('', ['pods', 'pods/ephemeralcontainers'])},
    {...entry, name: 'workloads.images.hipaa-ci', failurePolicy: 'Ignore', rules: rules('apps', ['deployments'])},
  ]
  const object = {apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata: {name: 'hipaa-ci-images'}, webhooks}
  await cluster.must(['apply', '-f', '-'], JSON.stringify(object))
}

const pod = canaryPod('hipaa-ci-canary-1', `registry.invalid/hipaa-ci/canary@sha256:${'a'.repeat(64)}`)

async function within(account = 'canary'): Promise<CanaryAnswer> {
  const {port, hostname} = new URL(cluster.endpoint)
  writeFileSync(join(folder, 'token'), await cluster.must(['create', 'token', account, `--namespace=${NAMESPACE}`]))
  writeFileSync(join(folder, 'ca.crt'), readFileSync(join(cluster.keys.folder, 'cluster-ca.crt')))
  return readOffer(await offerInCluster({folder, env: {KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port}})(NAMESPACE, pod))
}

async function byKubectl(): Promise<CanaryAnswer> {
  const known = offerByKubectl(async ([, ...argv], options) => run([builtTool('kubectl'), ...argv], options), {KUBECONFIG: cluster.keys.kubeconfig(ADMIN)})
  return readOffer(await known(NAMESPACE, pod))
}

/** An API server learns of a changed webhook a little later. */
async function until(reason: string | undefined, ask: () => Promise<CanaryAnswer> = within): Promise<CanaryAnswer> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await ask()
    if (answer.reason === reason) return answer
    await wait(200)
  }
  return ask()
}

/** As a person types it. */
async function type(line: string): Promise<void> {
  const child = spawn('/bin/sh', ['-c', line.replace(/^kubectl/, `"${builtTool('kubectl')}" --kubeconfig="${cluster.keys.kubeconfig(ADMIN)}"`)])
  const {code, stderr} = await ended(child)
  assert.deepEqual([code, stderr], [0, ''])
}

describe('a cluster and its canary', function () {
  this.timeout(60_000)

  it('admits what nothing keeps out, and keeps nothing of it', async () => {
    assert.deepEqual([(await within()).answer, (await byKubectl()).answer], ['admitted', 'admitted'])
    assert.equal(await cluster.must(['get', 'pods', `--namespace=${NAMESPACE}`, '-o', 'name']), '')
  })

  it('is not asked by an account that may not', async () => {
    assert.equal((await within('stranger')).reason, 'canary.not-permitted')
  })

  it('shows that it refuses, until the glass is broken by the one step, and again once that is undone', async () => {
    await webhook((gate.address() as AddressInfo).port)
    assert.equal((await until(undefined)).answer, 'refused')
    assert.equal((await byKubectl()).answer, 'refused')
    const {step, undo} = webhookSteps()
    await type(step)
    assert.equal((await until('canary.admitted')).answer, 'admitted')
    await type(undo)
    assert.equal((await until(undefined)).answer, 'refused')
  })

  it('does not take a webhook that cannot be called for a refusal of ours; the step helps there, too', async () => {
    await webhook(1)
    assert.equal((await until('canary.webhook-failed')).answer, 'unknown')
    assert.equal((await byKubectl()).reason, 'canary.webhook-failed')
    const {step} = webhookSteps()
    await type(step)
    assert.equal((await until('canary.admitted', byKubectl)).answer, 'admitted')
  })

  it('changes no other webhook', async () => {
    await cluster.must([
      'patch',
      'validatingwebhookconfiguration',
      'hipaa-ci-images',
      '--type=json',
      '-p',
      '[{"op":"replace","path":"/webhooks/0/name","value":"others.example.com"}]',
    ])
    const child = spawn('/bin/sh', [
      '-c',
      webhookSteps().step.replace(/^kubectl/, `"${builtTool('kubectl')}" --kubeconfig="${cluster.keys.kubeconfig(ADMIN)}"`),
    ])
    assert.notEqual((await ended(child)).code, 0)
  })
})
