/**
 * Two real clusters of one name, in two accounts, report into one bucket: each record says which, and what one of them
 * is refused or let in says nothing of the other.
 */
import assert from 'node:assert/strict'
import {dirname} from 'node:path'
import {z} from 'zod'
import {builtTool} from '../../scripts/built-tool.ts'
import {startS3, asAwsEnvironment, type S3Server} from '../s3.ts'
import {ENGINEER, eventually, NAMESPACE, podText} from './apply-installed.ts'
import {startServingCluster, type ServingCluster} from './serving-cluster.ts'
import {admissionsOf, ask} from './story-world.ts'

const EAST = {name: 'arn:aws:eks:us-east-1:111122223333:cluster/prod', source: '111122223333/us-east-1/prod/admission'}
const WEST = {name: 'arn:aws:eks:eu-central-1:444455556666:cluster/prod', source: '444455556666/eu-central-1/prod/admission'}

/** Of a process: its clock goes two hours ahead. */
const LATER = `const Now = Date
globalThis.Date = class extends Now {
  constructor(...given) {
    if (given.length === 0) super(Now.now() + 7_200_000)
    else super(...given)
  }
  static now() {
    return Now.now() + 7_200_000
  }
}
`
const Answer = z.looseObject({
  ipe: z.looseObject({
    clusters: z.array(z.looseObject({cluster: z.string(), account: z.string().nullable(), region: z.string().nullable(), state: z.string()})),
    gaps: z.array(z.looseObject({code: z.string(), what: z.string()})),
  }),
})

describe('two clusters and one store', function () {
  this.timeout(300_000)
  let s3: S3Server
  let clusters: readonly [ServingCluster, ServingCluster]
  const started: ServingCluster[] = []

  before(async () => {
    s3 = await startS3()
    const {address} = await s3.makeBucket()
    const start = async ({name}: typeof EAST) => {
      const cluster = await startServingCluster({name, store: address, env: s3.env})
      started.push(cluster)
      return cluster
    }
    // Side by side; what fails must not leave the other one running.
    const [east, west] = await Promise.allSettled([start(EAST), start(WEST)])
    if (east.status === 'rejected') throw east.reason
    if (west.status === 'rejected') throw west.reason
    clusters = [east.value, west.value]
  })
  after(async () => {
    await Promise.allSettled(started.map(async (cluster) => cluster.stop()))
    await s3?.stop()
  })
  asAwsEnvironment(() => s3.env)

  const create = async (cluster: ServingCluster, name: string, image: string) => cluster.kubectl(ENGINEER, ['create', '-f', '-'], podText(name, image))
  const uidOf = async ({must}: ServingCluster, name: string) => must(['get', 'pod', name, '-n', NAMESPACE, '-o', 'jsonpath={.metadata.uid}'])

  it('each record names account, region and cluster', async () => {
    for (const [cluster, {name, source}] of [
      [clusters[0], EAST],
      [clusters[1], WEST],
    ] as const) {
      assert.equal((await create(cluster, 'same-name', cluster.signed)).code, 0)
      assert.notEqual((await create(cluster, 'same-refused', cluster.unsigned)).code, 0)
      const own = await admissionsOf(cluster, 'same-', (detail) => detail.cluster === name)
      const uid = await uidOf(cluster, 'same-name')
      assert.ok(own.some(({data}) => data.detail.object_uid === uid))
      for (const stream of ['admission', 'enforcement', 'run'] as const)
        assert.ok(
          (await cluster.records(stream)).some((record) => record.source === source),
          `${stream} of ${source}`,
        )
      for (const record of await cluster.records('admission'))
        assert.equal(record.source, record.data.detail.cluster === EAST.name ? EAST.source : WEST.source, record.id)
    }
  })

  it('an answer tells the one from the other', async () => {
    const [east] = clusters
    assert.ok(await eventually(async () => (await admissionsOf(east, 'same-refused')).length === 2))
    const refused = await admissionsOf(east, 'same-refused')
    const rows = (await ask(east, 'rejected')).filter(({record}) => refused.some(({id}) => id === record))
    assert.deepEqual(new Map(rows.map(({record, cluster}) => [record, cluster])), new Map(refused.map(({id, data}) => [id, data.detail.cluster])))
    assert.equal(rows.length, 2)
  })

  it('where one is killed nothing is let in there, and the other goes on; what it answered is in the store when it is back', async () => {
    const [east, west] = clusters
    assert.equal((await create(east, 'last-word', east.signed)).code, 0)
    const uid = await uidOf(east, 'last-word')
    await east.providers[0]?.stop('SIGKILL')
    const refused = await create(east, 'while-gone', east.signed)
    assert.notEqual(refused.code, 0)
    assert.match(refused.stderr, /no verdict/)
    assert.equal((await create(west, 'goes-on', west.signed)).code, 0)
    const [record] = await admissionsOf(west, 'goes-on')
    assert.equal(record?.data.detail.object_uid, await uidOf(west, 'goes-on'))
    await east.providers[0]?.start()
    const [last] = await admissionsOf(west, 'last-word', (detail) => detail.object_uid === uid)
    assert.equal(last?.source, EAST.source)
  })

  it('where one says nothing any more, every answer names it', async () => {
    const [east, west] = clusters
    await east.providers[0]?.stop('SIGKILL')
    // Asked two hours from now, when only the other one has reported.
    const later = {env: {NODE_OPTIONS: `--import=${await west.workspace.write('later.mjs', LATER)}`, KUBECONFIG: west.keys.kubeconfig(ENGINEER)}}
    const canary = ['admission', 'canary', '--once', '--cluster', WEST.name, '--namespace', NAMESPACE, '--policy', 'policy.yaml']
    const offered = await west.workspace.cli(canary, {env: {...later.env, PATH: `${dirname(builtTool('kubectl'))}:${west.workspace.env['PATH']}`}})
    assert.equal(offered.exitCode, 0, offered.stderr)
    const {json, exitCode, stderr} = await west.workspace.cli(['query', 'rejected', '--config', 'policy.yaml', '--json'], later)
    assert.equal(exitCode, 6, stderr)
    const {ipe} = Answer.parse(json)
    assert.deepEqual(
      ipe.clusters.map(({cluster, account, region, state}) => [cluster, account, region, state]),
      [
        [WEST.name, '444455556666', 'eu-central-1', 'reporting'],
        [EAST.name, '111122223333', 'us-east-1', 'silent'],
      ],
    )
    const silent = ipe.gaps.filter(({code}) => code === 'admission.silent')
    assert.equal(silent.length, 1)
    assert.ok(silent[0]?.what.includes(EAST.name))
  })
})
