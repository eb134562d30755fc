/**
 * The canary that `admission install` wrote, as its own account, against a real API server and Gatekeeper: it is refused
 * while the cluster refuses, tells when it does not, and may do nothing else.
 */
import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import process from 'node:process'
import {parse} from 'yaml'
import {builtTool} from '../../scripts/built-tool.ts'
import {watchCanary, type CanaryTurn} from '../../src/lib/actions/admission/watch-canary.ts'
import type {RecordOf} from '../../src/lib/evidence/schema.ts'
import {offerInCluster} from '../../src/lib/kubernetes/in-cluster.ts'
import {openFolderStore} from '../../src/lib/stores/folder.ts'
import {BIN} from '../e2e/workspace.ts'
import {memoryStore} from '../fakes/memory-store.ts'
import {verdictContext} from '../fakes/verdict-context.ts'
import {ended} from '../program.ts'
import {eventually} from './apply-installed.ts'
import {judged} from '../fakes/scripted-provider.ts'
import {GOOD, installOnCluster, knowing, SENTENCE, type InstalledCluster} from './install-on-cluster.ts'

const CANARY = 'hipaa-ci-canary'
const ACCOUNT = `system:serviceaccount:hipaa-ci:${CANARY}`

describe('the canary of an installation', function () {
  this.timeout(180_000)
  let cluster: InstalledCluster
  let folder: string
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hipaa-ci-canary-'))
    cluster = await installOnCluster()
  })
  after(async () => {
    await cluster?.stop()
    rmSync(folder, {recursive: true, force: true})
  })

  /** As Kubernetes mounts it into the canary's pod. */
  async function mountAccount(): Promise<void> {
    writeFileSync(join(folder, 'token'), await cluster.must(['create', 'token', CANARY, '-n', 'hipaa-ci']))
    writeFileSync(join(folder, 'ca.crt'), readFileSync(join(cluster.keys.folder, 'cluster-ca.crt')))
  }

  /** One process, from within the cluster, until `turns` says that it has seen enough. */
  async function watch(until: (turn: CanaryTurn, turns: number) => boolean | Promise<boolean>) {
    await mountAccount()
    const {port, hostname} = new URL(cluster.endpoint)
    const evidence = memoryStore()
    const base = verdictContext({images: {}, evidence})
    const turns: CanaryTurn[] = []
    const offer = offerInCluster({folder, env: {KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port}})
    const next = async () => !(await until(turns.at(-1) as CanaryTurn, turns.length))
    const watching = {offer, next, onTurn: (turn: CanaryTurn) => void turns.push(turn)}
    const result = await watchCanary({cluster: 'test', namespace: CANARY}, watching, {...base, now: () => new Date()})
    const records = (await base.records()).flatMap((record): RecordOf<'canary'>[] => (record.stream === 'canary' ? [record] : []))
    return {result, turns, records}
  }

  const withToken = async (argv: readonly string[], input = '') => {
    await mountAccount()
    const token = readFileSync(join(folder, 'token'), 'utf8').trim()
    const as = [`--server=${cluster.endpoint}`, `--certificate-authority=${join(folder, 'ca.crt')}`, `--token=${token}`, '--kubeconfig=/dev/null']
    const child = spawn(builtTool('kubectl'), [...as, `--cache-dir=${join(folder, 'kubectl')}`, ...argv])
    child.stdin.end(input)
    return ended(child)
  }

  it('is refused by our constraint, as its own account, from within the cluster', async () => {
    const {result, records} = await watch(() => true)
    assert.deepEqual([result.exitCode, result.last.answer, result.last.message.includes('[hipaa-ci-images]')], [0, 'refused', true], result.last.message)
    assert.deepEqual(
      records.map(({data: {outcome, detail}}) => [outcome, detail.answer, detail.namespace]),
      [['pass', 'refused', CANARY]],
    )
  })

  it('is rightly warned about where the policy only warns, by what the real API server hands on; and admitted where it does not', async () => {
    const place = 'patient-api'
    await cluster.must(['create', 'role', 'canary-there', '--verb=create', '--resource=pods', '-n', place])
    await cluster.must(['create', 'rolebinding', 'canary-there', '--role=canary-there', `--serviceaccount=hipaa-ci:${CANARY}`, '-n', place])
    cluster.provider.play(judged(() => ({allowed: false, admit: true, records: ['01JZZZZZZZZZZZZZZZZZZZZZZR'], message: SENTENCE})))
    try {
      await mountAccount()
      const {port, hostname} = new URL(cluster.endpoint)
      const offer = offerInCluster({folder, env: {KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port}})
      const once = async (rollout: readonly object[]) => {
        const context = verdictContext({images: {}, policy: {admission: {rollout}}})
        return (await watchCanary({cluster: 'test', namespace: place}, {offer, next: async () => false, onTurn: () => undefined}, context)).last
      }
      const warned = await once([{namespaces: [place], 'enforce-on': '2099-01-01'}])
      assert.deepEqual([warned.answer, warned.message.includes(SENTENCE)], ['warned', true], warned.message)
      assert.equal((await once([])).answer, 'admitted')
    } finally {
      cluster.provider.play(knowing([GOOD]))
      await cluster.must(['delete', 'rolebinding,role', 'canary-there', '-n', place])
    }
  })

  it('may offer pods there, in a dry run, and nothing else', async () => {
    // What any account may is about itself, and to read what the API server offers.
    const rights = async (place: string) => {
      const {stdout} = await withToken(['auth', 'can-i', '--list', '-n', place])
      assert.match(stdout, /^selfsubjectreviews/m)
      return stdout.split('\n').filter((line) => line !== '' && !/^(Resources|selfsubject|\s)/.test(line))
    }
    assert.deepEqual(
      (await rights(CANARY)).map((line) => line.split(/\s+/).join(' ')),
      ['pods [] [] [create]'],
    )
    for (const place of ['hipaa-ci', 'default', 'kube-system', 'gatekeeper-system', 'patient-api']) assert.deepEqual(await rights(place), [], place)
    for (const asked of [
      ['create', 'pods', '--subresource=ephemeralcontainers'],
      ['create', 'pods', '--subresource=exec'],
      ['get', 'secrets'],
    ])
      assert.equal((await withToken(['auth', 'can-i', ...asked, '-n', CANARY])).stdout.trim(), 'no', asked.join(' '))
  })

  it('cannot make a pod run, not even one that is admitted', async () => {
    const pod = (image: string) => JSON.stringify({...POD, spec: {...POD.spec, containers: [{...POD.spec.containers[0], image}]}})
    const real = await withToken(['create', '--validate=false', '-f', '-'], pod(GOOD))
    assert.notEqual(real.code, 0)
    assert.match(real.stderr, /pods are offered in a dry run only/)
    const dry = await withToken(['create', '--validate=false', '--dry-run=server', '-f', '-'], pod(GOOD))
    assert.deepEqual([dry.code, dry.stderr], [0, ''])
    assert.equal(await cluster.must(['get', 'pods', '-n', CANARY, '-o', 'name']), '')
    const admin = await cluster.kubectl({name: 'admin', groups: ['system:masters']}, ['create', '--validate=false', '-f', '-'], pod(GOOD))
    assert.match(admin.stderr, /pods are offered in a dry run only/)
  })

  it('says that it was admitted once the webhook is gone, since when that may have been, and when it ended', async () => {
    let webhook: 'there' | 'gone' | 'back' = 'there'
    const {result, records} = await watch(async ({answer}) => {
      if (webhook === 'there') {
        await cluster.must(['delete', 'validatingwebhookconfiguration', 'hipaa-ci-images'])
        webhook = 'gone'
      } else if (webhook === 'gone' && answer === 'admitted') {
        await cluster.must(['apply', '-f', join(cluster.folder, 'webhook.yaml')])
        webhook = 'back'
      } else return webhook === 'back' && answer === 'refused'
      return false
    })
    const [before, open, after, ...others] = records
    assert.deepEqual([result.exitCode, others], [1, []])
    assert.deepEqual(
      [before, open, after].map((record) => [record?.data.outcome, record?.data.detail.answer]),
      [
        ['pass', 'refused'],
        ['fail', 'admitted'],
        ['pass', 'refused'],
      ],
    )
    assert.equal(open?.data.detail.last_refused, after?.data.detail.last_refused)
    assert.ok((open?.data.detail.last_refused ?? '') >= (before?.time ?? '~').slice(0, 19), 'the window begins where it was refused last')
  })

  it('sees Gatekeeper let pods in at a restart, where it does, while that says that it is ready', async () => {
    let [restarts, seen] = [0, 0]
    const {result, turns, records} = await watch(async ({answer}) => {
      if (answer === 'admitted') seen += 1
      if (answer !== 'refused') return false
      if (seen > 0 || restarts >= 20) return true
      restarts += 1
      await cluster.gatekeeper.stop('SIGKILL')
      await cluster.gatekeeper.start(true)
      return false
    })
    // Whether it happens is chance (about one restart in five): what is seen is recorded, each time, and nothing else is.
    const changes = turns.filter(({answer}, at) => answer !== turns[at - 1]?.answer)
    assert.deepEqual(
      records.map(({data: {detail}}) => detail.answer),
      changes.map(({answer}) => answer),
    )
    assert.equal(result.exitCode, seen > 0 ? 1 : 0)
    for (const {data} of records.filter(({data: {detail}}) => detail.answer === 'admitted')) assert.notEqual(data.detail.last_refused, undefined)
  })

  it('is called as the command wants it: what stands in the Deployment runs, and ends on SIGTERM', async () => {
    const {spec} = parse(readFileSync(join(cluster.folder, 'canary-deployment.yaml'), 'utf8')) as Deployment
    const [{args}] = spec.template.spec.containers
    const given = args.map((arg) => (arg.startsWith('--store=') ? `--store=folder:${join(folder, 'store')}` : arg))
    const child = spawn(process.execPath, [BIN, ...given], {
      cwd: join(dirname(cluster.folder), 'policy'),
      env: {PATH: dirname(builtTool('kubectl')), HOME: folder, KUBECONFIG: cluster.keys.kubeconfig({name: ACCOUNT, groups: ['system:serviceaccounts']})},
    })
    const over = ended(child)
    child.stdout.once('data', () => child.kill('SIGTERM'))
    const {code, stdout, stderr} = await over
    assert.deepEqual([code, stdout.includes('refused')], [0, true], stderr)
    const records = await verdictContext({images: {}, evidence: openFolderStore(join(folder, 'store'))}).records()
    assert.deepEqual(
      records.flatMap((record) => (record.stream === 'canary' ? [record.data.detail.answer] : [])),
      ['refused'],
    )
  })

  it('runs apart from the provider, and nobody is led to it', async () => {
    const {spec} = parse(readFileSync(join(cluster.folder, 'canary-deployment.yaml'), 'utf8')) as Deployment
    const {selector} = (parse(readFileSync(join(cluster.folder, 'service.yaml'), 'utf8')) as {spec: {selector: Record<string, string>}}).spec
    assert.ok(Object.entries(selector).some(([label, value]) => spec.template.metadata.labels[label] !== value))
    const pod = {apiVersion: 'v1', kind: 'Pod', metadata: {name: 'canary', namespace: 'hipaa-ci'}, spec: spec.template.spec}
    assert.ok(await eventually(async () => (await cluster.must(['create', '--dry-run=server', '-f', '-'], JSON.stringify(pod))) !== ''))
  })
})

interface Deployment {
  spec: {template: {metadata: {labels: Record<string, string>}; spec: {containers: [{args: string[]}]}}}
}

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {name: 'offered', namespace: CANARY},
  spec: {
    securityContext: {runAsNonRoot: true, seccompProfile: {type: 'RuntimeDefault'}},
    containers: [{name: 'one', image: '', securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: ['ALL']}}}],
  },
}
