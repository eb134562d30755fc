/** `admission serve` as it is built, asked by Gatekeeper's own engine over mTLS: what it refuses, records, survives and answers. */
import assert from 'node:assert/strict'
import {once} from 'node:events'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import type {ChildProcess} from 'node:child_process'
import {pushImage} from '../../scripts/image/build-image.ts'
import {serviceImage} from '../../scripts/image/service.ts'
import {constraints} from '../../src/lib/admission/manifests/constraints.ts'
import {providerManifest} from '../../src/lib/admission/manifests/provider.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {createAuthority} from '../certificates.ts'
import {GATEKEEPER_HOST} from '../cluster/pki.ts'
import {createWorkspace, type Workspace} from '../e2e/workspace.ts'
import {freePort} from '../free-port.ts'
import {container, reviewValue} from '../lib/admission/reviews.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {PROVIDER} from './gate.ts'
import {startEngine, type Engine} from './start-engine.ts'

const CLUSTER = 'prod-east'

interface Served {
  readonly child: ChildProcess
  readonly url: string
  readonly observe: string
}

describe('admission serve, asked by the real engine', function () {
  this.timeout(180_000)
  const [servers, clients] = [createAuthority('Synthetic Provider Authority'), createAuthority('Synthetic Gatekeeper Authority')]
  let registry: TestRegistry
  let workspace: Workspace
  let engine: Engine
  let served: Served
  let signed: string
  let unsigned: string
  let uids = 0

  before(async () => {
    registry = await startRegistry()
    workspace = await createWorkspace()
    const repository = `${registry.host}/prod/patient-api`
    assert.equal((await workspace.cli(['init', '--system', 'patient-api', '--generate-key'])).exitCode, 0)
    const spki = readPublicKey(await readFile(join(workspace.folder, 'cosign.pub'), 'utf8'))?.spki ?? ''
    await workspace.write(
      'policy.yaml',
      `version: 1
system: patient-api
environments:
  production:
    repository: ${repository}
    match: {clusters: [${CLUSTER}], namespaces: ["*"]}
    requires: {signature: {keys: [{spki: "sha256:${spki}", file: cosign.pub}]}}
admission:
  rollout: [{namespaces: [new-team], enforce-on: 2999-01-01}]
`,
    )
    const pair = servers.issue(['127.0.0.1'])
    await workspace.write('tls.crt', pair.cert)
    await workspace.write('tls.key', pair.key)
    await workspace.write('client-ca.crt', clients.cert)
    signed = `${repository}@${await pushImage(openRegistry(repository), serviceImage({version: '1.0.0'}))}`
    unsigned = `${repository}@${await pushImage(openRegistry(repository), serviceImage({version: '2.0.0'}))}`
    assert.equal((await workspace.cli(['sign', signed])).exitCode, 0)
    served = await serve()
    engine = await startEngine({
      provider: providerManifest({name: PROVIDER, url: `${served.url}/validate`, authority: servers.cert}),
      constraints: constraints(PROVIDER),
      certificate: clients.issueTo({name: GATEKEEPER_HOST}, ['127.0.0.1', GATEKEEPER_HOST]),
    })
  })
  after(async () => {
    await engine?.stop()
    await ended(served)
    await registry?.stop()
    await workspace?.remove()
  })

  const ports = new Map<string, string>()
  /** Always at the same place, as a Service is. */
  const serve = async (): Promise<Served> => {
    for (const name of ['listen', 'observe']) if (!ports.has(name)) ports.set(name, `127.0.0.1:${await freePort()}`)
    const [listen = '', observe = ''] = [ports.get('listen'), ports.get('observe')]
    const tls = ['--tls-cert', 'tls.crt', '--tls-key', 'tls.key', '--client-ca', 'client-ca.crt']
    const argv = [
      'admission',
      'serve',
      '--cluster',
      CLUSTER,
      '--policy',
      'policy.yaml',
      '--wal',
      'wal',
      '--replica',
      'test-0',
      '--listen',
      listen,
      '--observe',
      observe,
      ...tls,
    ]
    const child = workspace.start(argv)
    let said = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
    while (!said.includes('"listening"')) {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said}`)
      await wait(50)
    }
    return {child, url: `https://${listen}`, observe: `http://${observe}`}
  }
  const ended = async ({child}: Served, signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    child.kill(signal)
    await once(child, 'exit')
    return child.exitCode
  }
  const review = async (image: string, request: Readonly<Record<string, unknown>> = {}) => {
    uids += 1
    const uid = `00000000-0000-4000-8000-${String(uids).padStart(12, '0')}`
    const {violations} = await engine.review(
      reviewValue({
        containers: [container(image)],
        request: {uid, ...request},
        metadata: {uid: `object-${uids}`, ...(request['namespace'] !== undefined && {namespace: request['namespace']})},
      }),
    )
    return {uid, object: `object-${uids}`, violations}
  }
  const recordsOf = async (uid: string) => {
    const {json} = await workspace.cli(['evidence', 'ls', '--stream', 'admission', '--limit', '500', '--json'])
    const {records} = json as {records: readonly {id: string}[]}
    const all = await Promise.all(
      records.map(
        async ({id}) => (await workspace.cli(['evidence', 'show', id, '--json'])).json as {record: {data: {outcome: string; detail: Record<string, unknown>}}},
      ),
    )
    return all.map(({record}) => record.data).filter(({detail}) => detail['uid'] === uid)
  }

  it('lets in what is signed, refuses what is not, and records both with user, namespace and object before it answers', async () => {
    const good = await review(signed)
    assert.deepEqual(good.violations, [])
    const bad = await review(unsigned)
    assert.equal(bad.violations.length, 1)
    assert.match(bad.violations[0]?.message ?? '', /signature\.missing[^]*hipaa-ci verify/)
    const tag = await review(`${registry.host}/prod/patient-api:latest`)
    assert.match(tag.violations[0]?.message ?? '', /policy\.tag/)
    assert.equal(await ended(served), 0)
    served = await serve()
    for (const [{uid, object}, outcome, reasons] of [
      [good, 'pass', []],
      [bad, 'fail', ['signature.missing']],
      [tag, 'fail', ['policy.tag']],
    ] as const) {
      const [record, ...more] = await recordsOf(uid)
      assert.deepEqual(more, [])
      const {detail} = record ?? assert.fail(`no record of ${uid}`)
      assert.deepEqual(
        [record?.outcome, detail['reasons'], detail['namespace'], detail['object_uid'], detail['mode']],
        [outcome, reasons, 'patient-api', object, 'enforce'],
      )
      assert.equal(detail['user'], 'system:serviceaccount:kube-system:replicaset-controller')
    }
  })

  it('only warns where the policy rolls out, and records that', async () => {
    const {violations, uid} = await review(unsigned, {namespace: 'new-team'})
    assert.deepEqual(
      violations.map(({action}) => action),
      ['warn'],
    )
    await ended(served)
    served = await serve()
    assert.deepEqual(
      (await recordsOf(uid)).map(({detail}) => detail['mode']),
      ['warn'],
    )
  })

  it('loses no record of an answer when it is killed, and ships it at the next start', async () => {
    const answered = [await review(signed), await review(unsigned), await review(signed)]
    await ended(served, 'SIGKILL')
    const {violations} = await review(signed)
    assert.match(violations[0]?.message ?? '', /no verdict/, 'nothing is let in while nobody answers')
    served = await serve()
    assert.equal(await ended(served), 0)
    served = await serve()
    for (const {uid} of answered) assert.equal((await recordsOf(uid)).length, 1, uid)
    await ended(served)
    const verified = await workspace.cli(['evidence', 'verify', '--blobs', '--json'])
    assert.equal(verified.exitCode, 0, JSON.stringify((verified.json as {findings: unknown}).findings))
    served = await serve()
  })

  it('says of an image that is not there why it is refused, and answers the next one', async () => {
    const gone = await review(`${registry.host}/prod/patient-api@sha256:${'e'.repeat(64)}`)
    assert.match(gone.violations[0]?.message ?? '', /image\.not-found/)
    assert.deepEqual((await review(signed)).violations, [])
  })

  it('tells probes and collectors how it is', async () => {
    const get = async (path: string) => (await fetch(`${served.observe}${path}`)).text()
    assert.equal((await fetch(`${served.observe}/readyz`)).status, 200)
    await review(signed)
    assert.match(await get('/metrics'), /hipaa_ci_admission_verdicts_total\{[^}]*mode="enforce"[^}]*\} \d+/)
  })
})
