/**
 * The trail survives its deploy: with the real tools a service is built, approved, promoted, deployed, and refused. Then
 * image, referrers, repository, run files, working folder, keys and configuration are gone. Every question is answered as
 * before, and every signature verifies again, out of nothing but the store.
 */
import assert from 'node:assert/strict'
import {cp, mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {z} from 'zod'
import {makeKeys} from '../../scripts/demo/people.ts'
import {pushImage} from '../../scripts/image/build-image.ts'
import {serviceImage} from '../../scripts/image/service.ts'
import {writeAdvisoryDatabase} from '../../scripts/write-advisory-db.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {QUESTIONS} from '../../src/lib/queries/catalogue.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {container, review} from '../lib/admission/reviews.ts'
import {startRegistry} from '../registry.ts'
import {readTrail, type Trail} from './read-trail.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

/** The rows, and what is said of their ground; not when, where and how fast it was asked. */
const Answered = z.object({
  columns: z.array(z.looseObject({name: z.string()})),
  rows: z.array(z.record(z.string(), z.unknown())),
  ipe: z.object({gaps: z.array(z.unknown()), notes: z.array(z.unknown()), store: z.object({records: z.number(), covered: z.number(), newest: z.string()})}),
})
type Answers = ReadonlyMap<string, z.infer<typeof Answered>>

describe('the trail survives its deploy', function () {
  this.timeout(600_000)
  let home: string
  let store: string
  let emptied: Workspace
  let host: string
  /** End of the period that is asked about: fixed, so that an answer cannot change by getting late. */
  let until: string
  let runs: readonly string[]
  let known: Answers

  const ask = async ({cli}: Workspace, address: string, ...flags: string[]): Promise<Answers> => {
    const answers = new Map<string, z.infer<typeof Answered>>()
    for (const {name, parameters, required = []} of QUESTIONS) {
      const about = required.includes('run')
        ? runs.map((run) => ['--run', run])
        : required.includes('component')
          ? [
              ['--component', 'lodash'],
              ['--component', 'log4j-core@2.14.1'],
            ]
          : [[]]
      for (const one of about) {
        const period = parameters.includes('to') ? ['--to', until] : []
        const {json, stdout, stderr} = await cli(['query', name, ...one, ...period, '--store', `folder:${address}`, '--no-record', '--json', ...flags])
        const parsed = Answered.safeParse(json)
        assert.ok(parsed.success, `${name}: ${stdout}${stderr}`)
        answers.set([name, ...one].join(' '), parsed.data)
      }
    }
    return answers
  }

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'hipaa-ci-trail-'))
    store = join(home, 'evidence')
    const registry = await startRegistry()
    ;({host} = registry)
    const workspace = await createWorkspace()
    try {
      await tellStory(workspace, store, host)
      const trail = await readTrail(store)
      until = new Date(Date.now() + 1000).toISOString()
      runs = [...new Set(trail.records.map(({runid}) => runid))]
      known = await ask(workspace, store)
    } finally {
      await registry.stop()
      await workspace.remove()
    }
    emptied = await createWorkspace()
  })
  after(async () => {
    await emptied.remove()
    await rm(home, {recursive: true, force: true})
  })

  it('has something to survive: each question has rows', () => {
    for (const {name} of QUESTIONS)
      assert.ok(
        [...known].some(([asked, {rows}]) => asked.startsWith(name) && rows.length > 0),
        `${name} has no rows`,
      )
  })

  it('leaves nothing but the store: whoever asks the registry gets no answer of it', async () => {
    await assert.rejects(openRegistry(`${host}/clinic/patient-api`).resolve('1.0.0'))
  })

  for (const [title, flags] of [
    ['from an index that is made anew', []],
    ['with every digest checked', ['--fresh']],
  ] as const)
    it(`answers every question as before, ${title}`, async () => {
      assert.deepEqual(await ask(emptied, store, ...flags), known)
    })

  it('answers every question as before from a copy of the store, on a machine that never saw the other', async () => {
    const copy = join(home, 'copy')
    await cp(store, copy, {recursive: true})
    const elsewhere = await createWorkspace()
    try {
      assert.deepEqual(await ask(elsewhere, copy), known)
    } finally {
      await elsewhere.remove()
    }
  })

  describe('out of the store alone', () => {
    let trail: Trail
    before(async () => {
      trail = await readTrail(store)
    })

    it('has the bytes of every digest that a record names', () => {
      const named = trail.records.flatMap((record) => trail.digestsNamedBy(record).map((digest) => ({record, digest})))
      assert.ok(named.length >= 20, `${named.length} are named`)
      for (const {record, digest} of named)
        assert.ok(
          record.data.blobs.some(({sha256}) => sha256 === digest) && trail.blob(digest) !== undefined,
          `${record.stream} ${record.id} names ${digest}, and its bytes are none of its blobs`,
        )
    })

    it('verifies every signature again, offline, with the keys and policies that lie beside it', () => {
      const checked = trail.signatures().map(({record, name, signer, check, subjects}) => {
        assert.equal(check.state, 'verified', `${record.stream} ${record.id} ${name}`)
        assert.ok(
          subjects.some((digest) => record.subject.endsWith(digest)),
          `${record.stream} ${record.id} ${name} is about something else`,
        )
        return `${record.stream} ${signer.slice(0, 4)}`
      })
      assert.deepEqual([...new Set(checked.map((one) => one.split(' ')[0]))].toSorted(), ['approval', 'attestation', 'promotion', 'signature'])
      assert.ok(new Set(checked.map((one) => one.split(' ')[1])).size >= 3, 'builder, approver, promoter')
    })

    it('does not verify them with another key, or with another byte', () => {
      for (const {withOtherKey, altered} of trail.signatures().slice(0, 4)) {
        assert.equal(withOtherKey().state, 'failed')
        assert.equal(altered().state, 'failed')
      }
    })

    it('still has what the tools themselves wrote, and the policy of each verdict', () => {
      const names = (stream: string) =>
        new Set(trail.records.filter((record) => record.stream === stream).flatMap(({data}) => data.blobs.map(({name}) => name)))
      assert.ok(names('scan').has('trivy.json') && names('scan').has('semgrep.json') && names('scan').has('findings.json'))
      for (const stream of ['gate', 'verification', 'admission', 'promotion']) assert.ok(names(stream).has('policy.json'), stream)
    })
  })
})

/** Two versions all the way, one stopped at the gate, one refused by the cluster, whose glass is then broken. */
async function tellStory(workspace: Workspace, store: string, host: string): Promise<void> {
  const env = {CI: 'false', GITHUB_ACTIONS: '', GITLAB_CI: '', HIPAA_CI_STORE: `folder:${store}`, HIPAA_CI_TRIVY_CACHE: join(workspace.folder, 'advisories')}
  const type = async (expected: number, args: readonly string[], stdin?: string) => {
    const {exitCode, stdout, stderr} = await workspace.cli(args, {env, ...(stdin !== undefined && {stdin})})
    assert.equal(exitCode, expected, `hipaa-ci ${args.join(' ')}\n${stdout}${stderr}`)
  }
  const repository = `${host}/clinic/patient-api`
  const production = `${host}/production/patient-api`
  const push = async (version: string, log4j?: string) =>
    pushImage(openRegistry(repository), serviceImage({version, npm: {lodash: '4.17.21'}, ...(log4j !== undefined && {log4j})}), version)
  const [first, stopped, fixed, unsigned] = [await push('1.0.0'), await push('1.1.0', '2.14.1'), await push('1.1.1', '2.25.3'), await push('9.9.9')]

  writeAdvisoryDatabase(env.HIPAA_CI_TRIVY_CACHE)
  await workspace.write('server.js', 'process.stdout.write("ok")\n')
  await type(0, ['init', '--system', 'patient-api', '--repository', repository, '--generate-key'])
  await makeKeys(workspace.folder, {COSIGN_PASSWORD: workspace.env['COSIGN_PASSWORD'] ?? ''})
  await workspace.write('production.yaml', await productionPolicy(workspace.folder, production))

  const deploy = async (digest: string, to: string, environment: string) =>
    type(
      0,
      ['emit', 'deployment', '--file', '-', '--environment', environment, '--subject', `${to}@${digest}`],
      JSON.stringify({cluster: 'prod-east', namespace: 'clinic', workload: 'deployment/patient-api'}),
    )
  await type(0, ['pipeline', `${repository}@${first}`])
  await deploy(first, repository, 'local')
  await type(1, ['pipeline', `${repository}@${stopped}`])
  await type(0, ['pipeline', `${repository}@${fixed}`, '--source', '.'])
  await type(0, ['approve', `${repository}@${fixed}`, '--to', 'production', '--key', 'file:sam.key', '--config', 'production.yaml'])
  await type(0, ['promote', `${repository}@${fixed}`, '--to', 'production', '--config', 'production.yaml'])
  await type(0, ['verify', `${production}@${fixed}`, '--config', 'production.yaml'])
  const decide = async (expected: number, image: string) =>
    type(
      expected,
      ['admission', 'decide', '-', '--cluster', 'prod-east', '--policy', 'production.yaml'],
      Buffer.from(review({containers: [container(image)]})).toString(),
    )
  await decide(0, `${production}@${fixed}`)
  await decide(1, `${repository}@${unsigned}`)
  await deploy(fixed, production, 'production')
  await deploy(unsigned, repository, 'production')
  const why = ['--reason', 'provider-down', '--incident', 'INC-8', '--policy', 'production.yaml']
  await type(0, ['admission', 'break-glass', '--provider-down', '--cluster', 'prod-east', ...why])
}

async function productionPolicy(folder: string, repository: string): Promise<string> {
  const pins = await Promise.all(
    ['cosign', 'sam', 'promotion'].map(async (name) => {
      const key = readPublicKey(await readFile(join(folder, `${name}.pub`), 'utf8'))
      return `spki: "sha256:${key?.spki ?? assert.fail(name)}", file: ${name}.pub`
    }),
  )
  return `version: 1
system: patient-api
environments:
  production:
    repository: ${repository}
    match: {clusters: [prod-east], namespaces: [patient-api]}
    requires: {signature: {keys: [{${pins[0]}}]}, sbom: {}, provenance: {}, scan: {max-age: 7d}, gate: {}}
    approvals: {minimum: 1, not-author: false, by: [{person: sam, ${pins[1]}}]}
    promotion: {key: "file:promotion.key", ${pins[2]}}
`
}
