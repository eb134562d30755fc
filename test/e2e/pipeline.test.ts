/** From build to an auditor's answer with the real tools and a real registry: the road, its verdicts, and what is left of it. */
import assert from 'node:assert/strict'
import {join} from 'node:path'
import {pushImage, writeLayout} from '../../scripts/image/build-image.ts'
import {serviceImage, serviceIndex} from '../../scripts/image/service.ts'
import {writeAdvisoryDatabase} from '../../scripts/write-advisory-db.ts'
import {PROVENANCE_TYPE, SPDX_TYPE, TEST_RESULT_TYPE, VSA_TYPE, VULNS_TYPE} from '../../src/lib/evidence/statement.ts'
import {run} from '../../src/lib/process.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {cosignProgram} from '../cosign.ts'
import {createSigner} from '../fakes/dsse-signer.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {createWorkspace, type CliResult, type Workspace} from './workspace.ts'

interface Verdict {
  readonly verdict: string
  readonly checks: readonly {readonly name: string; readonly state: string; readonly reason?: string}[]
}

describe('the pipeline, end to end', function () {
  this.timeout(300_000)
  let registry: TestRegistry
  let workspace: Workspace
  let repository: string
  let env: Record<string, string>
  const cli = async (...args: string[]): Promise<CliResult> => workspace.cli(args, {env})
  const verdictOf = async (image: string, ...flags: string[]) => {
    const {json, exitCode, stderr} = await cli('verify', image, '--json', ...flags)
    return {exitCode, stderr, ...(json as Verdict)}
  }
  const push = async (input: Parameters<typeof serviceImage>[0]) => `${repository}@${await pushImage(openRegistry(repository), serviceImage(input))}`

  before(async () => {
    registry = await startRegistry()
    workspace = await createWorkspace()
    env = {HIPAA_CI_TRIVY_CACHE: join(workspace.folder, 'advisories')}
    writeAdvisoryDatabase(env['HIPAA_CI_TRIVY_CACHE'] ?? '')
    repository = `${registry.host}/clinic/api`
    const made = await cli('init', '--system', 'patient-api', '--generate-key', '--repository', repository)
    assert.equal(made.exitCode, 0, made.stderr)
  })
  after(async () => {
    await registry.stop()
    await workspace.remove()
  })

  it('takes an index with two platforms all the way, and the second time adds only what is news', async () => {
    const index = serviceIndex({version: '1.0.0'})
    const image = `${repository}@${await pushImage(openRegistry(repository), index)}`
    const first = await cli('pipeline', image, '--json')
    assert.equal(first.exitCode, 0, first.stderr + first.stdout)
    for (const digest of [index.descriptor.digest, ...index.children.map(({descriptor}) => descriptor.digest)]) {
      const {exitCode, verdict, stderr} = await verdictOf(`${repository}@${digest}`)
      assert.equal(exitCode, 0, stderr)
      assert.equal(verdict, 'verified')
    }
    const store = openRegistry(repository)
    const count = async () => (await Promise.all(index.children.map(async ({descriptor}) => store.referrers(descriptor.digest)))).flat().length
    const before = await count()
    const again = await cli('pipeline', image, '--json')
    assert.equal(again.exitCode, 0, again.stderr)
    // A rescan, its gate and the provenance that names them are news; signature and SBOMs are as they were.
    const {sign, attest} = again.json as {sign: {signed: boolean}; attest: {attestations: {type: string; attached: boolean}[]}}
    assert.equal(sign.signed, false)
    assert.deepEqual([...new Set(attest.attestations.filter(({attached}) => attached).map(({type}) => type))], ['provenance', 'vulns', 'gate'])
    assert.equal(await count(), before + 6)
  })

  it('leaves statements of which the real Cosign verifies every one, of its type and by its key', async () => {
    const index = serviceIndex({version: '1.5.0'})
    const image = `${repository}@${await pushImage(openRegistry(repository), index)}`
    assert.equal((await cli('pipeline', image)).exitCode, 0)
    assert.equal((await cli('verify', image, '--attest')).exitCode, 0)
    const cosign = await cosignProgram()
    const stranger = await workspace.write('stranger.pub', createSigner().pem)
    const verified = async (digest: string, type: string, key = 'cosign.pub') => {
      const argv = [cosign, 'verify-attestation', '--type', type, '--key', key, '--insecure-ignore-tlog', `${repository}@${digest}`] as const
      const result = await run([...argv], {cwd: workspace.folder, env: {...workspace.env}, timeout: 60_000})
      return result.kind === 'exited' && result.exitCode === 0
    }
    const whole = [PROVENANCE_TYPE, TEST_RESULT_TYPE, VSA_TYPE].map((type) => [index.descriptor.digest, type] as const)
    const parts = index.children.flatMap(({descriptor}) => [SPDX_TYPE, VULNS_TYPE, TEST_RESULT_TYPE].map((type) => [descriptor.digest, type] as const))
    for (const [digest, type] of [...whole, ...parts]) {
      assert.ok(await verified(digest, type), `${type} of ${digest}`)
      assert.ok(!(await verified(digest, type, stranger)), `${type} of ${digest}, by another key`)
    }
    assert.ok(!(await verified(index.descriptor.digest, SPDX_TYPE)), 'an SBOM is about a platform')
  })

  it('stops at the gate where log4j-core 2.14.1 is present, and signs nothing', async () => {
    const image = await push({version: '2.0.0', log4j: '2.14.1'})
    const stopped = await cli('pipeline', image, '--json')
    assert.equal(stopped.exitCode, 1, stopped.stderr)
    const {sign, scan} = stopped.json as {sign?: unknown; scan: {decision: string; stopping: {id: string}[]}}
    assert.equal(sign, undefined)
    assert.equal(scan.decision, 'fail')
    assert.ok(scan.stopping.some(({id}) => id === 'CVE-2021-44228'))
    assert.deepEqual(await openRegistry(repository).referrers(image.split('@')[1] ?? ''), [])
  })

  it('says signature.missing with 6 for an image that nobody signed', async () => {
    const {exitCode, verdict, checks} = await verdictOf(await push({version: '3.0.0'}))
    assert.equal(exitCode, 6)
    assert.equal(verdict, 'missing')
    assert.equal(checks.find(({name}) => name === 'signature')?.reason, 'signature.missing')
  })

  it('says signature.wrong-key with 1 where another key is trusted', async () => {
    const image = await push({version: '4.0.0'})
    const signed = await cli('sign', image)
    assert.equal(signed.exitCode, 0, signed.stderr)
    const other = await createWorkspace()
    try {
      await other.cli(['init', '--system', 'other', '--generate-key'])
      const {exitCode, verdict, checks} = await verdictOf(image, '--key', join(other.folder, 'cosign.pub'))
      assert.equal(exitCode, 1)
      assert.equal(verdict, 'failed')
      assert.equal(checks.find(({name}) => name === 'signature')?.reason, 'signature.wrong-key')
    } finally {
      await other.remove()
    }
  })

  it('says could-not-check with 4 where the registry is stopped, and 2 where a flag is empty', async () => {
    const gone = await startRegistry()
    await gone.stop()
    const image = `${gone.host}/clinic/api@sha256:${'0'.repeat(64)}`
    const {exitCode, verdict} = await verdictOf(image, '--key', join(workspace.folder, 'cosign.pub'))
    assert.equal(exitCode, 4)
    assert.equal(verdict, 'could-not-check')
    assert.equal((await cli('verify', image, '--key', '')).exitCode, 2)
  })

  it('works on an OCI layout that stands for a repository', async () => {
    const layout = join(workspace.folder, 'layout')
    await writeLayout(layout, serviceImage({version: '5.0.0'}))
    const done = await cli('pipeline', layout, '--repository', repository, '--json')
    assert.equal(done.exitCode, 0, done.stderr)
    assert.equal((await verdictOf(layout, '--repository', repository)).exitCode, 0)
    const elsewhere = await verdictOf(layout, '--environment', 'local', '--repository', 'registry.example/elsewhere')
    assert.equal(elsewhere.checks.find(({name}) => name === 'signature')?.reason, 'signature.wrong-repository')
  })

  it('leaves evidence that is whole, and answers that say so', async () => {
    const whole = await cli('evidence', 'verify', '--json')
    assert.equal(whole.exitCode, 0, whole.stderr + whole.stdout)
    const where = await cli('query', 'component', '--component', 'log4j-core@2.14.1', '--json')
    assert.equal(where.exitCode, 0, where.stderr)
    assert.equal((where.json as {rows: unknown[]}).rows.length, 1)
  })
})
