/**
 * A storm: pods are created by many at once, good ones and bad ones, while the servers that judge them are killed and started
 * again. Every pod that the API server holds has an allow record by its uid, and what was let in without a pod is told.
 *
 * The store is a folder: nothing but files competes with the cluster for two cores, and what may be lost lies before it.
 */
import assert from 'node:assert/strict'
import {join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {z} from 'zod'
import {openAdmissionLog} from '../../src/lib/admission-log/open-log.ts'
import {createSigner} from '../fakes/dsse-signer.ts'
import {pushImages} from '../gatekeeper/pushed-images.ts'
import {seededChance} from '../seeded-chance.ts'
import {NAMESPACE} from './apply-installed.ts'
import {apiClient, type ApiClient} from './api-client.ts'
import {startServingCluster, type ServingCluster} from './serving-cluster.ts'
import {ADMIN} from './start-cluster.ts'

const PODS = 1_000
/** Each so manieth pod has an image that nobody signed. */
const BAD_EACH = 10
const AT_ONCE = 16
const SEED = 20_261_126
const BOUNDS = {bytes: 256 * 1024 * 1024, age: 3_600_000}

const Pod = z.looseObject({
  metadata: z.looseObject({uid: z.string(), name: z.string(), namespace: z.string()}),
  spec: z.looseObject({containers: z.array(z.looseObject({image: z.string()}))}),
})
const Listing = z.looseObject({items: z.array(Pod)})
const Reconciled = z.looseObject({
  differences: z.array(z.looseObject({side: z.string(), reason: z.string(), uid: z.string().optional()})),
})

describe('a storm of pods while servers are killed', function () {
  this.timeout(600_000)
  const signer = createSigner()
  let cluster: ServingCluster
  let api: ApiClient
  let good: readonly string[]
  let bad: readonly string[]
  before(async () => {
    cluster = await startServingCluster({
      providers: 2,
      async policy({workspace, production, pin}) {
        await workspace.write('release.pub', signer.pem)
        const keys = [pin, {spki: `sha256:${signer.spki}`, file: 'release.pub'}]
        return {environments: {production: {...production, requires: {signature: {keys}}}}}
      },
    })
    const versions = (major: number, count: number) => Array.from({length: count}, (_, at) => `${major}.0.${at}`)
    good = await pushImages(cluster.repository, versions(7, 20), signer)
    bad = await pushImages(cluster.repository, versions(8, 5))
    api = apiClient(cluster.keys.kubeconfig(ADMIN))
  })
  after(async () => {
    api?.close()
    await cluster?.stop()
  })

  const random = seededChance(SEED)
  const pathOfPods = `/api/v1/namespaces/${NAMESPACE}/pods`
  const pod = (name: string, image: string) => ({apiVersion: 'v1', kind: 'Pod', metadata: {name}, spec: {containers: [{name: 'main', image}]}})

  /** As a controller does: tried again until it is there, or refused for what it is. @returns its uid */
  const bring = async (name: string, image: string): Promise<string | undefined> => {
    for (;;) {
      const {status, body} = await api.ask('POST', pathOfPods, pod(name, image))
      if (status === 201) return Pod.parse(body).metadata.uid
      const text = JSON.stringify(body)
      assert.match(text, /hipaa-ci|hipaa_ci|gatekeeper/, 'refused by somebody else')
      if (text.includes('signature.missing')) return undefined
      await wait(100 + random() * 200)
    }
  }

  /** Kills, or ends, one server after another, and starts it again, until it is told to stop. */
  const rage = async (isOver: () => boolean) => {
    for (let round = 0; !isOver() || round < 2 * cluster.providers.length; round += 1) {
      const one = cluster.providers[round % cluster.providers.length] ?? assert.fail()
      await wait(random() * 1_500)
      const code = await one.stop(random() < 0.7 ? 'SIGKILL' : 'SIGTERM')
      assert.ok(code === 0 || code === 137, `${one.replica} ended with ${code}: ${one.said()}`)
      await wait(random() * 500)
      await one.start()
    }
  }

  it('each pod that is there has an allow record by its uid, none is of an image that nobody signed, and reconcile says so', async () => {
    const pods = Array.from({length: PODS}, (_, at) => ({name: `pod-${at}`, isBad: at % BAD_EACH === 0, at}))
    const queue = [...pods]
    const admitted: string[] = []
    const wrong: string[] = []
    const work = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const {name, isBad, at} = next
        const from = isBad ? bad : good
        const uid = await bring(name, from[at % from.length] ?? assert.fail())
        if (uid !== undefined) admitted.push(uid)
        if ((uid === undefined) !== isBad) wrong.push(name)
      }
    }
    let over = false
    const raging = rage(() => over)
    await Promise.all(Array.from({length: AT_ONCE}, work))
    over = true
    await raging
    assert.deepEqual(wrong, [])

    for (const one of cluster.providers) assert.equal(await one.stop(), 0, one.said())
    for (const {replica} of cluster.providers) {
      const log = await openAdmissionLog(join(cluster.workspace.folder, `wal-${replica}`), BOUNDS)
      assert.deepEqual([await Array.fromAsync(log.waiting()), log.damaged], [[], []], replica)
      await log.close()
    }

    const listed = (await api.ask('GET', '/api/v1/pods')).body
    const {items} = Listing.parse(listed)
    const there = new Set(items.map(({metadata}) => metadata.uid))
    assert.deepEqual(
      admitted.filter((uid) => !there.has(uid)),
      [],
    )
    assert.deepEqual(
      items.filter(({spec}) => spec.containers.some(({image}) => !good.includes(image))).map(({metadata}) => metadata.name),
      [],
    )

    const records = await cluster.records('admission')
    // An audit and a dry run let nothing in.
    const letIn = records.filter(({data: {outcome, detail}}) => outcome === 'pass' && detail.mode === 'enforce' && !detail.dry_run)
    const allowed = new Set(letIn.map(({data}) => data.detail.object_uid))
    assert.deepEqual(
      [...there].filter((uid) => !allowed.has(uid)),
      [],
    )

    const listing = await cluster.workspace.write('pods.json', JSON.stringify(listed))
    const {exitCode, json, stderr} = await cluster.workspace.cli([
      'admission',
      'reconcile',
      '--cluster',
      cluster.name,
      '--config',
      'policy.yaml',
      '--listing',
      listing,
      '--json',
    ])
    assert.equal(exitCode, 0, stderr)
    const {differences} = Reconciled.parse(json)
    const lost = [...allowed].filter((uid) => uid === undefined || !there.has(uid))
    assert.deepEqual([...new Set(differences.map(({side, reason}) => `${side} ${reason}`))], lost.length > 0 ? ['evidence no-pod'] : [])
    assert.deepEqual(differences.map(({uid}) => uid).toSorted(), lost.toSorted())

    const verified = await cluster.workspace.cli(['evidence', 'verify', '--config', 'policy.yaml', '--json'])
    assert.equal(verified.exitCode, 0, JSON.stringify((verified.json as {findings?: unknown}).findings))
  })
})
