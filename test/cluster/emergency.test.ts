/**
 * An image that another workflow built, although the real key signed it, in a real cluster: refused for its builder, let in
 * by a broken glass in one namespace alone, and open until somebody else has looked at it.
 */
import assert from 'node:assert/strict'
import {copyFile, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {z} from 'zod'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {startBuilder, type TestBuilder} from '../e2e/builder.ts'
import {createWorkspace, type CliResult, type Workspace} from '../e2e/workspace.ts'
import {GITHUB_CLAIMS} from '../lib/identity/claims.ts'
import {ENGINEER, eventually, NAMESPACE, podText} from './apply-installed.ts'
import {startServingCluster, type PolicyParts, type ServingCluster} from './serving-cluster.ts'
import {admissionsOf, ask, recordsIn} from './story-world.ts'

const OTHER = 'acme/app/.github/workflows/experiment.yml@refs/heads/main'
const BUILT = 'built'
const PERSONS = {
  version: 1,
  persons: ['ann', 'bob'].map((person) => ({person, principals: [{issuer: 'https://login.example', id: `${person}@clinic.example`}]})),
}
const Glass = z.looseObject({
  glass: z.array(z.looseObject({record: z.string(), statement: z.string(), openSince: z.string().optional(), uses: z.number()})),
})

describe('an image that another workflow built, signed by the real key', function () {
  this.timeout(180_000)
  let cluster: ServingCluster
  let builder: TestBuilder
  let good: string
  let wrong: string

  before(async () => {
    cluster = await startServingCluster({policy: async (parts) => policy(parts, (started) => (builder = started))})
    await cluster.must(['create', 'namespace', BUILT])
    await cluster.must(['create', 'rolebinding', 'engineers', '--group=engineers', '--clusterrole=hipaa-ci-engineer', '-n', BUILT])
    good = await built('4.0.0', GITHUB_CLAIMS.job_workflow_ref)
    wrong = await built('5.0.0', OTHER)
  })
  after(async () => {
    await builder?.stop()
    await cluster?.stop()
  })

  /** By a job of this workflow; its provenance and its signature are of the same key as ever. */
  const built = async (version: string, workflow: string) => {
    const image = await cluster.push(version)
    builder.issuer.claims = {...builder.issuer.claims, job_workflow_ref: workflow}
    const long = ['--allow-long-lived', 'key-file']
    succeeded(await cluster.workspace.cli(['attest', image, '--type', 'provenance', ...long], {env: builder.env}))
    succeeded(await cluster.workspace.cli(['sign', image, ...long], {env: builder.env}))
    return image
  }
  const create = async (name: string, image: string, namespace = BUILT) =>
    cluster.kubectl(ENGINEER, ['create', '-f', '-'], podText(name, image, {metadata: {namespace}}))
  const glass = async (...args: string[]) => cluster.workspace.cli(['admission', 'break-glass', ...args, '--config', 'policy.yaml', '--json'])
  const listed = async (statement: string) => {
    const {glass: all} = Glass.parse((await glass('--list')).json)
    return all.find((one) => one.statement === statement) ?? assert.fail(`no glass of ${statement}`)
  }

  it('is refused for its builder, and one of the right builder is not', async () => {
    const {code, stderr} = await create('right', good)
    assert.equal(code, 0, stderr)
    const refused = await create('wrong', wrong)
    assert.notEqual(refused.code, 0)
    assert.match(refused.stderr, /provenance\.wrong-builder/)
    const [record] = await admissionsOf(cluster, 'wrong')
    const {verdict, reasons, signatures_tried: tried} = record?.data.detail ?? assert.fail('wrong')
    assert.deepEqual([verdict, reasons, tried.map(({state}) => state)], ['failed', ['provenance.wrong-builder'], ['verified']])
    assert.ok(recordsIn(await ask(cluster, 'rejected')).has(record?.id))
  })

  it('is let in by a broken glass, in its namespace and by its digest alone, and each use is recorded', async () => {
    const wish = ['--cluster', cluster.name, '--namespace', BUILT, '--reason', 'hotfix', '--incident', 'INC-7', '--for', '1h', '--key', 'file:ann.key']
    const opened = await glass(wrong, ...wish)
    succeeded(opened)
    const {statement} = z.looseObject({statement: z.string()}).parse(opened.json)
    assert.ok((await listed(statement)).openSince !== undefined)

    assert.ok(await eventually(async () => (await create('hotfix', wrong)).code === 0))
    const uid = await cluster.must(['get', 'pod', 'hotfix', '-n', BUILT, '-o', 'jsonpath={.metadata.uid}'])
    const [record] = await admissionsOf(cluster, 'hotfix', ({exemption}) => exemption !== undefined)
    const {object_uid: about, exemption, verdict, reasons} = record?.data.detail ?? assert.fail('hotfix')
    assert.deepEqual([about, exemption, verdict, reasons], [uid, statement, 'failed', ['provenance.wrong-builder']])
    const isUse = async () => (await cluster.records('break-glass')).some(({data: {detail}}) => detail.action === 'use' && detail.statement === statement)
    assert.ok(await eventually(isUse))
    assert.ok(!recordsIn(await ask(cluster, 'rejected')).has(record?.id))
    assert.ok(recordsIn(await ask(cluster, 'deployments')).has(record?.id))

    assert.match((await create('elsewhere', wrong, NAMESPACE)).stderr, /provenance\.wrong-builder/)
    assert.match((await create('other-digest', cluster.unsigned)).stderr, /signature\.missing/)
  })

  it('stays open until another person has looked at it', async () => {
    const use = (await cluster.records('break-glass')).find(({data}) => data.detail.action === 'use')
    const statement = use?.data.detail.statement ?? assert.fail('it was used')
    const {record} = await listed(statement)
    const own = await glass('--review', record, '--by', 'ann', '--key', 'file:ann.key')
    assert.notEqual(own.exitCode, 0)
    assert.equal((own.json as {error: {code: string}}).error.code, 'break-glass.own-review')
    assert.notEqual((await glass('--review', record, '--by', 'bob', '--key', 'file:ann.key')).exitCode, 0)
    assert.ok((await listed(statement)).openSince !== undefined)
    succeeded(await glass('--review', record, '--by', 'bob', '--key', 'file:bob.key'))
    assert.equal((await listed(statement)).openSince, undefined)
    assert.equal((await create('after-review', wrong)).code, 0)
    assert.ok(await eventually(async () => (await listed(statement)).openSince !== undefined), 'what was let in after that is to be looked at, too')
  })
})

/** Who may break the glass, and which builder counts; what the provider judges by, and what the commands read. */
async function policy({workspace, production, repository, pin}: PolicyParts, keep: (builder: TestBuilder) => void): Promise<object> {
  const [ann, bob] = [await keyOf('ann', workspace), await keyOf('bob', workspace)]
  await workspace.write('who.yaml', JSON.stringify(PERSONS))
  const builder = await startBuilder(workspace)
  keep(builder)
  const provenance = {
    builders: [{id: builder.id, key: pin.spki, level: 3}],
    sources: [`git+${builder.issuer.origin}/acme/*@refs/heads/main`],
    inputs: [],
  }
  return {
    identities: 'who.yaml',
    environments: {
      production: {
        ...production,
        match: {clusters: ['prod-east'], namespaces: [NAMESPACE, BUILT]},
        repository,
        requires: {signature: {keys: [pin]}, provenance},
      },
    },
    admission: {'break-glass': {by: [ann], 'reviewed-by': [bob], 'max-hours': 4}},
  }
}

/** A signing key of their own, in the workspace. */
async function keyOf(person: string, {folder}: Workspace): Promise<{person: string; spki: string; file: string}> {
  const own = await createWorkspace()
  succeeded(await own.cli(['init', '--system', 'patient-api', '--generate-key']))
  for (const kind of ['key', 'pub']) await copyFile(join(own.folder, `cosign.${kind}`), join(folder, `${person}.${kind}`))
  await own.remove()
  const spki = readPublicKey(await readFile(join(folder, `${person}.pub`), 'utf8'))?.spki ?? ''
  return {person, spki: `sha256:${spki}`, file: `${person}.pub`}
}

function succeeded({exitCode, stderr}: CliResult): void {
  assert.equal(exitCode, 0, stderr)
}
