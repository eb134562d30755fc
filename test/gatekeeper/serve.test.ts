/** `admission serve` as it is built, asked by Gatekeeper's own engine over mTLS: what it refuses, records, survives and answers. */
import assert from 'node:assert/strict'
import {readFile} from 'node:fs/promises'
import {connect, createServer, type AddressInfo} from 'node:net'
import {join} from 'node:path'
import {pushImage} from '../../scripts/image/build-image.ts'
import {serviceImage} from '../../scripts/image/service.ts'
import {constraints} from '../../src/lib/admission/manifests/constraints.ts'
import {providerManifest} from '../../src/lib/admission/manifests/provider.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {createAuthority} from '../certificates.ts'
import {GATEKEEPER_HOST} from '../cluster/pki.ts'
import {createWorkspace, type Workspace} from '../e2e/workspace.ts'
import {createSigner} from '../fakes/dsse-signer.ts'
import {container, reviewValue} from '../lib/admission/reviews.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {servedAdmission, type ServedAdmission} from '../served-admission.ts'
import {PROVIDER} from './gate.ts'
import {startEngine, type Engine} from './start-engine.ts'

const CLUSTER = 'prod-east'

describe('admission serve, asked by the real engine', function () {
  this.timeout(180_000)
  const [servers, clients] = [createAuthority('Synthetic Provider Authority'), createAuthority('Synthetic Gatekeeper Authority')]
  let registry: TestRegistry
  let workspace: Workspace
  let engine: Engine
  let served: ServedAdmission
  let signed: string
  let unsigned: string
  let uids = 0

  before(async () => {
    registry = await startRegistry()
    workspace = await createWorkspace()
    const kim = createSigner()
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
  break-glass: {by: [{person: kim, spki: "sha256:${kim.spki}", file: kim.pub}]}
`,
    )
    await workspace.write('kim.pub', kim.pem)
    const pair = servers.issue(['127.0.0.1'])
    await workspace.write('tls.crt', pair.cert)
    await workspace.write('tls.key', pair.key)
    await workspace.write('client-ca.crt', clients.cert)
    signed = `${repository}@${await pushImage(openRegistry(repository), serviceImage({version: '1.0.0'}))}`
    unsigned = `${repository}@${await pushImage(openRegistry(repository), serviceImage({version: '2.0.0'}))}`
    assert.equal((await workspace.cli(['sign', signed])).exitCode, 0)
    served = await servedAdmission(workspace, {cluster: CLUSTER})
    await served.start()
    engine = await startEngine({
      provider: providerManifest({name: PROVIDER, url: `${served.url}/validate`, authority: servers.cert}),
      constraints: constraints(PROVIDER),
      certificate: clients.issueTo({name: GATEKEEPER_HOST}, ['127.0.0.1', GATEKEEPER_HOST]),
    })
  })
  after(async () => {
    await engine?.stop()
    await served?.stop()
    await registry?.stop()
    await workspace?.remove()
  })

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
  it('calls no host that only the pod names, not even to look for an exemption, and refuses', async () => {
    const called: string[] = []
    const listening = createServer((socket) => {
      called.push(String(socket.remotePort))
      socket.destroy()
    })
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
    try {
      const {port} = listening.address() as AddressInfo
      const digest = unsigned.slice(unsigned.indexOf('@'))
      for (const host of [`127.0.0.1:${port}`, `localhost:${port}`])
        for (const path of ['prod/patient-api', 'x']) {
          const {violations} = await review(`${host}/${path}${digest}`)
          assert.match(violations[0]?.message ?? '', /policy\.unknown-image/, host)
        }
      assert.deepEqual(called, [])
      await new Promise<void>((resolve) =>
        connect(port, '127.0.0.1')
          .once('close', () => resolve())
          .resume(),
      )
      assert.equal(called.length, 1, 'it would have been seen')
    } finally {
      listening.close()
    }
  })

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
    assert.equal(await served.stop(), 0)
    await served.start()
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
    await served.stop()
    await served.start()
    assert.deepEqual(
      (await recordsOf(uid)).map(({detail}) => detail['mode']),
      ['warn'],
    )
  })

  it('loses no record of an answer when it is killed, and ships it at the next start', async () => {
    const answered = [await review(signed), await review(unsigned), await review(signed)]
    await served.stop('SIGKILL')
    const {violations} = await review(signed)
    assert.match(violations[0]?.message ?? '', /no verdict/, 'nothing is let in while nobody answers')
    await served.start()
    assert.equal(await served.stop(), 0)
    await served.start()
    for (const {uid} of answered) assert.equal((await recordsOf(uid)).length, 1, uid)
    await served.stop()
    const verified = await workspace.cli(['evidence', 'verify', '--blobs', '--json'])
    assert.equal(verified.exitCode, 0, JSON.stringify((verified.json as {findings: unknown}).findings))
    await served.start()
  })

  it('says of an image that is not there why it is refused, and answers the next one', async () => {
    const gone = await review(`${registry.host}/prod/patient-api@sha256:${'e'.repeat(64)}`)
    assert.match(gone.violations[0]?.message ?? '', /image\.not-found/)
    assert.deepEqual((await review(signed)).violations, [])
  })

  it('tells probes and collectors how it is', async () => {
    const get = async (path: string) => (await fetch(`${served.observe}${path}`)).text()
    const counted = async (labels: string) => Number((await get('/metrics')).split(`hipaa_ci_admission_verdicts_total{${labels}} `)[1]?.split('\n')[0] ?? 0)
    assert.equal((await fetch(`${served.observe}/readyz`)).status, 200)
    const kinds = {
      good: 'verdict="verified",mode="enforce",reason=""',
      unsigned: 'verdict="failed",mode="enforce",reason="signature.missing"',
      tag: 'verdict="failed",mode="enforce",reason="policy.tag"',
      warned: 'verdict="failed",mode="warn",reason="signature.missing"',
      unread: 'verdict="could-not-check",mode="enforce",reason="admission.key"',
    }
    const all = async () => Object.fromEntries(await Promise.all(Object.entries(kinds).map(async ([name, labels]) => [name, await counted(labels)] as const)))
    const before = await all()
    for (const image of [signed, unsigned, unsigned, `${registry.host}/prod/patient-api:latest`, 'n'.repeat(600)]) await review(image)
    await review(unsigned, {namespace: 'new-team'})
    const after = await all()
    assert.deepEqual(Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)])), {
      good: 1,
      unsigned: 2,
      tag: 1,
      warned: 1,
      unread: 1,
    })
  })
})
