/**
 * What a person types, what the real API server says to them, and what an auditor finds afterwards: the built server, the
 * real Gatekeeper, a real registry and a real store in between.
 */
import assert from 'node:assert/strict'
import {join} from 'node:path'
import type {Ended} from '../program.ts'
import {createWorkspace} from '../e2e/workspace.ts'
import {ENGINEER, eventually, NAMESPACE, podText} from './apply-installed.ts'
import type {Person} from './pki.ts'
import {startServingCluster, type ServingCluster} from './serving-cluster.ts'
import {ADA, admissionsOf, ask, DEPLOYMENTS, GITOPS, reconciled, recordsIn, REPLICA_SETS} from './story-world.ts'

const WARNED = 'new-team'

describe('a refusal, from the person who typed to the auditor', function () {
  this.timeout(180_000)
  let cluster: ServingCluster
  let foreign: string

  before(async () => {
    cluster = await startServingCluster({policy: () => ({admission: {rollout: [{namespaces: [WARNED], 'enforce-on': '2999-01-01'}]}})})
    foreign = await signedByAnother(cluster)
    for (const name of [WARNED, 'flux-system']) await cluster.must(['create', 'namespace', name])
    const role = ['--clusterrole=hipaa-ci-engineer', '-n', NAMESPACE]
    await cluster.must(['create', 'rolebinding', 'gitops', '--serviceaccount=flux-system:kustomize-controller', ...role])
    await cluster.must(['create', 'rolebinding', 'engineers', '--group=engineers', '--clusterrole=hipaa-ci-engineer', '-n', WARNED])
  })
  after(async () => cluster?.stop())

  const as = async (person: Person, argv: readonly string[], input?: string) => cluster.kubectl(person, argv, input)
  const made = async (person: Person, value: object) => {
    const {code, stdout, stderr} = await as(person, ['create', '-f', '-', '-o', 'json'], JSON.stringify(value))
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout) as {metadata: {name: string; uid: string}}
  }

  describe('of a pod', () => {
    it('is told in a sentence that ends in what to type', async () => {
      const told = await as(ENGINEER, ['run', 'typed', `--image=${cluster.unsigned}`, '-n', NAMESPACE])
      assert.notEqual(told.code, 0)
      assert.match(told.stderr, /patient-api@sha256:[0-9a-f]{12}…: signature\.missing: no signature on /)
      assert.ok(told.stderr.includes(`Run: hipaa-ci verify ${cluster.unsigned} --environment production`), told.stderr)
      const applied = await as(ENGINEER, ['apply', '-f', '-'], podText('applied', foreign))
      assert.notEqual(applied.code, 0)
      assert.match(applied.stderr, /signature\.[a-z-]+: .*Run: hipaa-ci verify/)
      for (const name of ['typed', 'applied']) assert.match((await as(ENGINEER, ['get', 'pod', name, '-n', NAMESPACE])).stderr, /NotFound/)
    })

    it('is answered by `query rejected`: image, signature tried, policy, reason, time, user and namespace', async () => {
      for (const [name, image] of [
        ['typed', cluster.unsigned],
        ['applied', foreign],
      ] as const) {
        const [record] = await admissionsOf(cluster, name)
        const {id, time, data} = record ?? assert.fail(name)
        const rows = await ask(cluster, 'rejected')
        const row = rows.find((one) => one['record'] === id) ?? assert.fail(JSON.stringify(rows))
        const {policy, reasons, signatures_tried: tried} = data.detail
        assert.deepEqual(
          [row['image'], row['requested_by'], row['namespace'], row['refused_at'], row['policy'], row['reasons']],
          [image, 'erin', NAMESPACE, time, policy, reasons.join(', ')],
        )
        assert.match(policy ?? '', /^[0-9a-f]{64}$/)
        assert.equal(tried.length, name === 'applied' ? 1 : 0)
        for (const {state, reason} of tried) assert.ok(String(row['signatures_tried']).includes(`${state} ${reason}`), String(row['signatures_tried']))
      }
      const {stdout} = await cluster.workspace.cli(['query', 'rejected', '--since', '1h', '--config', 'policy.yaml'])
      for (const heading of ['refused at', 'namespace', 'image', 'reasons', 'requested by', 'signatures tried', 'policy'])
        assert.ok(stdout.includes(heading), stdout)
      for (const words of ['signature.missing', 'signature.wrong-key', 'erin', NAMESPACE]) assert.ok(stdout.includes(words), stdout)
    })
  })

  describe('of what makes pods', () => {
    const template = (image: string) => ({metadata: {labels: {app: 'web'}}, spec: {restartPolicy: 'Always', containers: [{name: 'web', image}]}})
    const workload = (kind: string, name: string, image: string): object => {
      const job = {template: {...template(image), spec: {...template(image).spec, restartPolicy: 'Never'}}}
      const metadata = {name, namespace: NAMESPACE}
      if (kind === 'Job') return {apiVersion: 'batch/v1', kind, metadata, spec: job}
      if (kind === 'CronJob') return {apiVersion: 'batch/v1', kind, metadata, spec: {schedule: '0 3 * * *', jobTemplate: {spec: job}}}
      const own = kind === 'StatefulSet' ? {serviceName: 'web'} : {}
      return {apiVersion: 'apps/v1', kind, metadata, spec: {...own, selector: {matchLabels: {app: 'web'}}, template: template(image)}}
    }

    for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'])
      it(`is told at kubectl apply, and keeps nothing out: ${kind}`, async () => {
        const name = `told-${kind.toLowerCase()}`
        const {code, stderr} = await as(ENGINEER, ['apply', '-f', '-'], JSON.stringify(workload(kind, name, cluster.unsigned)))
        assert.equal(code, 0, stderr)
        assert.match(stderr, /^Warning: .*patient-api@sha256:[0-9a-f]{12}… will be refused: signature\.missing: .*Run: hipaa-ci verify /m)
        const uid = await cluster.must(['get', kind, name, '-n', NAMESPACE, '-o', 'jsonpath={.metadata.uid}'])
        const [record] = await admissionsOf(cluster, name)
        const {mode, kind: recorded, object_uid: about, user} = record?.data.detail ?? assert.fail(name)
        assert.deepEqual([mode, recorded, about, user], ['advice', kind, uid, 'erin'])
        assert.ok(!recordsIn(await ask(cluster, 'rejected')).has(record?.id))
      })

    it('is recorded with what owns the pod, folded over its tries, and the audit log names whoever is behind it', async () => {
      // GitOps brings it, erin changes its image, and controllers do the rest.
      const deployment = await made(GITOPS, workload('Deployment', 'shop', cluster.signed))
      const changed = await as(ENGINEER, ['set', 'image', 'deployment/shop', `web=${cluster.unsigned}`, '-n', NAMESPACE])
      assert.match(changed.stderr, /will be refused: signature\.missing/)
      const owner = (kind: string, {metadata: {name, uid}}: typeof deployment) => ({
        ownerReferences: [{apiVersion: 'apps/v1', kind, name, uid, controller: true, blockOwnerDeletion: false}],
      })
      const metadata = {name: 'shop-5d9c7b8f6', namespace: NAMESPACE, ...owner('Deployment', deployment)}
      const set = await made(DEPLOYMENTS, {...workload('ReplicaSet', '', cluster.unsigned), metadata})
      for (let tries = 0; tries < 3; tries += 1) {
        const pod = podText('', cluster.unsigned, {
          metadata: {name: undefined, generateName: 'shop-5d9c7b8f6-', labels: {app: 'web'}, ...owner('ReplicaSet', set)},
        })
        assert.match((await as(REPLICA_SETS, ['create', '-f', '-'], pod)).stderr, /signature\.missing/)
      }
      const isTry = ({kind, mode}: {kind: string; mode: string}) => kind === 'Pod' && mode === 'enforce'
      assert.ok(await eventually(async () => (await admissionsOf(cluster, 'shop-5d9c7b8f6-', isTry)).length === 3))
      const records = await admissionsOf(cluster, 'shop-5d9c7b8f6-', isTry)
      assert.equal(new Set(records.map(({data}) => data.detail.object_uid)).size, records.length)
      for (const {data} of records)
        assert.deepEqual([data.detail.user, data.detail.owner_chain], [REPLICA_SETS.name, [{kind: 'ReplicaSet', name: 'shop-5d9c7b8f6'}]])
      const rows = (await ask(cluster, 'rejected')).filter(({workload: name}) => name === 'shop')
      assert.deepEqual(
        rows.map(({times, first_refused_at: first, refused_at: last, record}) => [times, first, last, record]),
        [[records.length, records[0]?.time, records.at(-1)?.time, records.at(-1)?.id]],
      )
      const ids = new Set(records.map(({id}) => id))
      const behind = (await reconciled(cluster)).requests.filter((one) => one.records.some((id) => ids.has(id)))
      assert.equal(behind.length, records.length)
      for (const {decision, user, person} of behind)
        assert.deepEqual(
          [decision, user, person?.user, person?.verb, person?.what],
          ['refused', REPLICA_SETS.name, 'erin', 'patch', `deployments ${NAMESPACE}/shop`],
        )
    })

    it('names the GitOps account where that brought it, and whoever acts in its name', async () => {
      assert.match((await as(GITOPS, ['apply', '-f', '-'], JSON.stringify(workload('Deployment', 'flux', cluster.unsigned)))).stderr, /will be refused/)
      const [record] = await admissionsOf(cluster, 'flux')
      assert.equal(record?.data.detail.user, GITOPS.name)
      const impersonating = ['create', '-f', '-', `--as=${GITOPS.name}`]
      assert.match((await as(ADA, impersonating, podText('in-its-name', cluster.unsigned))).stderr, /signature\.missing/)
      const [pod] = await admissionsOf(cluster, 'in-its-name')
      assert.equal(pod?.data.detail.user, GITOPS.name)
      const request = (await reconciled(cluster)).requests.find(({records}) => records.includes(pod?.id ?? ''))
      assert.deepEqual([request?.user, request?.as], ['ada', GITOPS.name])
    })
  })

  describe('that only warns, or is about nothing that runs', () => {
    it('under a rollout the pod runs, the record keeps mode and verdict, and it counts as deployed', async () => {
      const {code, stderr} = await as(ENGINEER, ['run', 'early', `--image=${cluster.unsigned}`, '-n', WARNED])
      assert.equal(code, 0, stderr)
      assert.match(stderr, /^Warning: .*is let in, and will be refused from 2999-01-01 on: signature\.missing/m)
      const uid = await cluster.must(['get', 'pod', 'early', '-n', WARNED, '-o', 'jsonpath={.metadata.uid}'])
      const [record] = await admissionsOf(cluster, 'early')
      const {object_uid: about, mode, verdict, reasons} = record?.data.detail ?? assert.fail('early')
      assert.deepEqual([about, mode, verdict, reasons], [uid, 'warn', 'missing', ['signature.missing']])
      assert.ok(recordsIn(await ask(cluster, 'deployments')).has(record?.id))
      assert.ok(!recordsIn(await ask(cluster, 'rejected')).has(record?.id))
    })

    it('a dry run is recorded as one, and counts neither as deployed nor as refused', async () => {
      for (const [name, image] of [
        ['dry-good', cluster.signed],
        ['dry-bad', cluster.unsigned],
      ] as const) {
        const {code} = await as(ENGINEER, ['apply', '--dry-run=server', '-f', '-'], podText(name, image))
        assert.equal(code === 0, name === 'dry-good')
        const [record] = await admissionsOf(cluster, name)
        assert.equal(record?.data.detail.dry_run, true)
        for (const question of ['deployments', 'rejected']) assert.ok(!recordsIn(await ask(cluster, question)).has(record?.id), question)
      }
    })

    it('Gatekeeper’s audit is recorded as one, and counts neither as deployed nor as refused', async () => {
      const isAudit = async () => (await cluster.records('admission')).some(({data: {detail}}) => detail.mode === 'audit' && detail.namespace === WARNED)
      assert.ok(await eventually(isAudit), 'the audit comes every few seconds')
      const audits = (await cluster.records('admission')).filter(({data}) => data.detail.mode === 'audit')
      const counted = new Set([...recordsIn(await ask(cluster, 'deployments')), ...recordsIn(await ask(cluster, 'rejected'))])
      for (const {id} of audits) assert.ok(!counted.has(id))
    })
  })

  describe('that an administrator took away', () => {
    it('is told with the name: what was deleted, who came in meanwhile, and when it was back', async () => {
      const refused = async () => notAdmitted(await as(ENGINEER, ['create', '--dry-run=server', '-f', '-'], podText('probe-open', cluster.unsigned)))
      assert.equal((await as(ADA, ['delete', 'validatingwebhookconfiguration', 'hipaa-ci-images'])).code, 0)
      assert.ok(await eventually(async () => !(await refused())))
      assert.equal((await as(ENGINEER, ['create', '-f', '-'], podText('came-past', cluster.unsigned))).code, 0)
      const uid = await cluster.must(['get', 'pod', 'came-past', '-n', NAMESPACE, '-o', 'jsonpath={.metadata.uid}'])
      assert.equal((await as(ADA, ['apply', '-f', join(cluster.folder, 'webhook.yaml')])).code, 0)
      assert.ok(await eventually(refused))
      const {exitCode, differences} = await reconciled(cluster)
      assert.equal(exitCode, 1)
      const what = 'validatingwebhookconfigurations.admissionregistration.k8s.io/hipaa-ci-images'
      const changes = differences.filter((one) => one.what === what && one.user === 'ada')
      assert.deepEqual(
        changes.map(({verb, open}) => [verb, open]),
        [
          ['delete', true],
          [changes[1]?.verb, false],
        ],
      )
      const past = differences.find((one) => one.reason === 'unverified-workload' && one.what === `${NAMESPACE}/came-past`)
      assert.equal(past?.user, 'erin')
      assert.ok(!(await cluster.records('admission')).some(({data}) => data.detail.object_uid === uid && data.detail.mode !== 'audit'))
      const gap = (await ask(cluster, 'enforcement-gaps')).find(({gap: kind, by}) => kind === 'removed' && by === 'ada')
      const [deleted, back] = changes.map(({time}) => time)
      assert.match(String(gap?.['what']), /hipaa-ci-images/)
      assert.deepEqual([gap?.['cluster'], gap?.['begins'], gap?.['ends']], [cluster.name, deleted, back])
    })
  })
})

/** Another image of the repository, signed by a key that the policy does not know. */
async function signedByAnother(cluster: ServingCluster): Promise<string> {
  const image = await cluster.push('3.0.0')
  const other = await createWorkspace()
  try {
    for (const args of [
      ['init', '--system', 'patient-api', '--generate-key'],
      ['sign', image],
    ]) {
      const {exitCode, stderr} = await other.cli(args)
      assert.equal(exitCode, 0, stderr)
    }
  } finally {
    await other.remove()
  }
  return image
}

function notAdmitted({code, stderr}: Ended): boolean {
  return code !== 0 && stderr.includes('signature.missing')
}
