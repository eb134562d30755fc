/** The log that a real API server wrote (test/recordings), and events as EKS writes them, with answers. */
import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import type {AuditLogResult} from '../../../../src/lib/actions/admission/reconcile-audit-log.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {auditEvent, podMade} from '../../admission/audit-events.ts'
import {ask, pick} from '../../queries/ask.ts'
import {ReportingClusters} from './reconcile-world.ts'

const RECORDED = readFileSync(new URL('../../../recordings/kube-apiserver@1.36.2/audit.log', import.meta.url), 'utf8')
  .trim()
  .split('\n')
/** A day after the recording. */
const LATER = new Date('2026-11-27T12:00:00Z')
const MADE = new Date('2026-11-26T12:55:44.535Z')
const DEV = 'dev@example.org'
const T0 = new Date('2026-06-15T10:00:00Z')
const told = ({differences}: AuditLogResult) => differences.map(({reason, what, open}) => [reason, what, open] as const)
const only = (result: AuditLogResult, reason: string) =>
  told(result)
    .filter(([one]) => one === reason)
    .map(([, what]) => what)

describe('reconcileAuditLog', () => {
  let cluster: ReportingClusters
  beforeEach(async () => {
    cluster = new ReportingClusters()
    await cluster.cover()
  })

  describe('a real log', () => {
    it('names who changed and removed what keeps the cluster closed, and what came in past it', async () => {
      const {result, record} = await cluster.readLog(RECORDED, {now: LATER})
      assert.equal(result.exitCode, 1)
      assert.deepEqual(
        told(result).filter(([reason]) => reason !== 'unverified-workload' && reason !== 'refused-without-record'),
        [
          ['enforcement-changed', 'validatingwebhookconfigurations.admissionregistration.k8s.io/hipaa-ci', false],
          ['failed-open', 'web/open', true],
          ['enforcement-changed', 'validatingwebhookconfigurations.admissionregistration.k8s.io/hipaa-ci', true],
          ['enforcement-changed', 'validatingwebhookconfigurations.admissionregistration.k8s.io/hipaa-ci', true],
          ['namespace-changed', 'namespace/web', false],
          ['namespace-changed', 'namespace/web by status', false],
          ['enforcement-changed', 'customresourcedefinitions.apiextensions.k8s.io/providers.externaldata.gatekeeper.sh', true],
        ],
      )
      assert.deepEqual(
        result.differences.filter(({reason, open}) => reason === 'enforcement-changed' && open).map(({user, verb}) => [user, verb]),
        [
          [DEV, 'patch'],
          [DEV, 'delete'],
          [DEV, 'delete'],
        ],
      )
      assert.deepEqual([record?.data.detail.source, record?.data.outcome, record?.id], ['audit-log', 'fail', result.record])
    })

    it('is what the question about gaps tells, by name', async () => {
      await cluster.readLog(RECORDED, {now: LATER})
      const answer = await ask(cluster.evidence, 'enforcement-gaps', {from: '2026-11-26', to: '2026-11-26'})
      const deeds = pick(answer, 'gap', 'what', 'by', 'ended_by').filter(([gap]) => gap === 'removed' || gap === 'changed' || gap === 'failed-open')
      assert.deepEqual(deeds, [
        ['failed-open', 'create web/open', DEV, 'last pod that came past it'],
        ['removed', ['patch', 'delete'].map((verb) => `${verb} validatingwebhookconfigurations.admissionregistration.k8s.io/hipaa-ci`).join(', '), DEV, null],
        ['removed', 'delete customresourcedefinitions.apiextensions.k8s.io/providers.externaldata.gatekeeper.sh', DEV, null],
      ])
    })

    it('finds the records of what was made, also where the log holds neither uid nor name', async () => {
      const detail = {namespace: 'web', user: DEV}
      await cluster.admitAt(MADE, {...detail, name: 'one', uid: 'r-1', object_uid: 'u-1'}, {...detail, name: 'gen-x7k2p', uid: 'r-2', object_uid: 'u-2'})
      const {result} = await cluster.readLog(RECORDED, {now: LATER})
      assert.deepEqual(
        result.requests.map(({decision, name, by, user}) => [decision, name, by, user]),
        [
          ['let in', 'one', 'name', DEV],
          ['let in', 'gen-x7k2p', 'user and time', DEV],
        ],
      )
      assert.deepEqual(only(result, 'unverified-workload'), ['web/open', 'web/one ephemeralcontainers'])
    })

    it('does not take a dry run for a pod, and tells a refusal that nobody recorded', async () => {
      const {result} = await cluster.readLog(RECORDED, {now: LATER})
      assert.ok(told(result).every(([, what]) => what !== 'web/dry'))
      assert.deepEqual(only(result, 'refused-without-record'), ['web/closed'])
    })
  })

  describe('a log with answers', () => {
    it('joins by uid, whatever the clocks say, and never twice', async () => {
      await cluster.admitAt(new Date(T0.getTime() + 50 * 60_000), {uid: 'r-1', object_uid: 'u-1'})
      const made = podMade({uid: 'u-1', name: 'web-1', time: T0})
      const {result} = await cluster.readLog([made, made, podMade({uid: 'u-2', name: 'web-1', time: T0})])
      assert.deepEqual(
        result.requests.map(({by}) => by),
        ['uid'],
      )
      assert.deepEqual(
        result.differences.map(({reason, uid}) => [reason, uid]),
        [['unverified-workload', 'u-2']],
      )
    })

    it('does not call a log clean whose newest pod may still get its record', async () => {
      const made = podMade({uid: 'u-9', name: 'web-9', time: T0})
      const {result} = await cluster.readLog([made], {now: new Date(T0.getTime() + 60_000)})
      assert.deepEqual([result.exitCode, result.reasons], [6, ['admission.audit-log']])
      assert.match(result.incomplete.join(), /1 pod is so young/)
      const later = await cluster.readLog([made], {now: new Date(T0.getTime() + 3_600_000)})
      assert.deepEqual([later.result.exitCode, later.result.reasons], [1, ['admission.unverified']])
    })

    it('joins by a name that looks like a number of somebody in its record', async () => {
      const name = 'mrn-sync-29794229-q7r6s'
      await cluster.admitAt(T0, {uid: 'r-1', object_uid: 'u-1', name})
      const {result} = await cluster.readLog([podMade({name, time: T0})])
      assert.deepEqual([result.requests.map(({by}) => by), result.differences], [['name'], []])
    })

    it('names the identity in AWS, and the person behind a controller', async () => {
      const controller = 'system:serviceaccount:kube-system:replicaset-controller'
      const owner = [{kind: 'ReplicaSet', name: 'web-5d9c7b8f6'}]
      await cluster.admitAt(T0, {uid: 'r-1', object_uid: 'u-1', owner_chain: owner})
      await cluster.admitAt(T0, {uid: 'r-2', object_uid: 'u-2', name: 'web-2', owner_chain: owner, verdict: 'missing', reasons: ['signature.missing']})
      const arn = 'arn:aws:sts::111122223333:assumed-role/dev/ada'
      const changed = (at: number, user: string) =>
        auditEvent({
          verb: 'patch',
          time: new Date(T0.getTime() + at),
          user: {username: user, extra: {arn: [arn], accessKeyId: ['AKIAEXAMPLEONLY']}},
          objectRef: {resource: 'deployments', apiGroup: 'apps', namespace: 'patient-api', name: 'web'},
        })
      const refused = podMade({
        name: 'web-2',
        time: T0,
        user: controller,
        code: 403,
        message: 'admission webhook "pods.images.hipaa-ci" denied the request: signature.missing',
      })
      const {result} = await cluster.readLog([
        changed(-60_000, 'bob'),
        changed(-30_000, 'ada'),
        changed(-10_000, 'system:serviceaccount:kube-system:deployment-controller'),
        changed(3_600_000, 'later'),
        podMade({uid: 'u-1', name: 'web-1', time: T0, user: controller}),
        refused,
      ])
      assert.deepEqual(
        result.requests.map(({decision, person, reasons}) => [decision, person?.user, person?.arn, reasons]),
        [
          ['let in', 'ada', arn, undefined],
          ['refused', 'ada', arn, ['signature.missing']],
        ],
      )
      assert.ok(!JSON.stringify(result).includes('AKIA'), 'a key id has no business here')
      assert.equal(result.exitCode, 0)
    })

    it('tells a reply that was lost, away from both ends of the log', async () => {
      const at = (minutes: number) => new Date(T0.getTime() + minutes * 60_000)
      for (const [minutes, n] of [
        [-3, 1],
        [30, 2],
        [58, 3],
      ] as const)
        await cluster.admitAt(at(minutes), {uid: `r-${n}`, object_uid: `u-${n}`, name: `web-${n}`})
      const edge = (minutes: number) => auditEvent({verb: 'get', time: at(minutes), objectRef: {resource: 'pods'}})
      const {result} = await cluster.readLog([edge(0), edge(60)])
      assert.deepEqual(
        result.differences.map(({reason, uid, open}) => [reason, uid, open]),
        [['reply-lost', 'u-2', false]],
      )
      assert.equal(result.exitCode, 0)
    })

    it('tells a refusal that the API server was never asked for: Gatekeeper takes reviews from whoever reaches it', async () => {
      const at = (minutes: number) => new Date(T0.getTime() + minutes * 60_000)
      const refused = {verdict: 'failed' as const, reasons: ['policy.tag']}
      await cluster.admitAt(at(30), {...refused, uid: 'r-1', object_uid: 'u-1', name: 'web-1'}, {...refused, uid: 'r-2', object_uid: 'u-2', name: 'web-2'})
      const edge = (minutes: number) => auditEvent({verb: 'get', time: at(minutes), objectRef: {resource: 'pods'}})
      const asked = podMade({name: 'web-1', time: at(30), code: 403, message: 'admission webhook "pods.images.hipaa-ci" denied the request: policy.tag'})
      const {result} = await cluster.readLog([edge(0), asked, edge(60)])
      assert.deepEqual([told(result), result.exitCode], [[['refusal-without-request', 'patient-api/web-2', false]], 0])
    })

    it('does not take a record of another cluster', async () => {
      await cluster.admitAt(T0, {cluster: 'prod-west', uid: 'r-1', object_uid: 'u-1'})
      assert.deepEqual(only((await cluster.readLog([podMade({uid: 'u-1', name: 'web-1', time: T0})])).result, 'unverified-workload'), ['patient-api/web-1'])
    })

    it('leaves an exempt namespace closed, and a pod that a node made for a static one open', async () => {
      const {result} = await cluster.readLog([
        podMade({uid: 'a', name: 'a', namespace: 'kube-system', time: T0}),
        podMade({uid: 'b', name: 'b', time: T0, user: 'system:node:n-1'}),
      ])
      assert.deepEqual(
        result.differences.map(({uid, open, causes}) => [uid, open, causes]),
        [
          ['a', false, ['exempt-namespace']],
          ['b', true, ['static-pod']],
        ],
      )
    })
  })

  describe('never takes a part for the whole', () => {
    const good = podMade({uid: 'u-1', name: 'web-1', time: T0})
    beforeEach(async () => cluster.admitAt(T0, {uid: 'r-1', object_uid: 'u-1'}))
    const lines: Record<string, string | {fault: string}> = {
      'a torn line': good.slice(0, -40),
      'a line of another log': 'E1126 12:55:44 apiserver.go:1 oops',
      'JSON that is no event': '{"kind":"Pod"}',
      'an event without a time': JSON.stringify({...(JSON.parse(good) as object), requestReceivedTimestamp: 'soon'}),
      'a file that breaks off': {fault: 'it breaks off'},
    }
    for (const [name, line] of Object.entries(lines))
      it(name, async () => {
        const {result} = await cluster.readLog([good, line])
        assert.deepEqual([result.exitCode, result.reasons, result.incomplete.length], [6, ['admission.audit-log'], 1])
      })
    it('a log without any event', async () => {
      await assert.rejects(cluster.readLog([]), (error: unknown) => error instanceof AppError && error.code === 'usage.input')
    })
    it('but the whole is whole', async () => assert.equal((await cluster.readLog([good])).result.exitCode, 0))
  })
})
