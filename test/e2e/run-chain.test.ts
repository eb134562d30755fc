/**
 * A run whose jobs are processes on machines of their own: nothing is shared but the store; run files and spools are
 * handed over as copies. What is missing names itself; what two copies of one file wrote is a fork.
 */
import assert from 'node:assert/strict'
import {cpSync, existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {basename, join} from 'node:path'
import {closedS3} from '../fakes/s3-fault-proxy.ts'
import {startS3, type S3Server} from '../s3.ts'
import {createWorkspace, type CliResult, type Workspace} from './workspace.ts'

interface Ended {
  readonly jobs: readonly {readonly job: string; readonly count: number}[]
  readonly gaps: readonly {readonly code: string; readonly name: string}[]
}

interface Verdict {
  readonly records: number
  readonly findings: readonly {readonly code: string; readonly message: string}[]
}

for (const kind of ['folder', 'bucket'] as const)
  describe(`a run across machines, in a ${kind}`, function () {
    this.timeout(180_000)
    let shared = ''
    let s3: S3Server | undefined
    let place: {readonly address: string; readonly unreachable: string}
    const machines: Workspace[] = []
    before(async () => {
      if (kind === 'bucket') s3 = await startS3()
    })
    after(async () => s3?.stop())
    beforeEach(async () => {
      shared = realpathSync(mkdtempSync(join(tmpdir(), 'hipaa-ci-shared-')))
      writeFileSync(join(shared, 'file'), '')
      if (s3 === undefined) place = {address: `folder:${join(shared, 'evidence')}`, unreachable: `folder:${join(shared, 'file', 'evidence')}`}
      else {
        const {address} = await s3.makeBucket()
        place = {address, unreachable: address.replace(s3.endpoint, await closedS3())}
      }
    })
    afterEach(async () => {
      await Promise.all(machines.splice(0).map(async (machine) => machine.remove()))
      rmSync(shared, {recursive: true, force: true})
    })

    const machine = async (): Promise<Workspace> => {
      const made = await createWorkspace({...s3?.env, HIPAA_CI_SYSTEM: 'patient-api', HIPAA_CI_STORE: place.address})
      machines.push(made)
      return made
    }
    /** As an artifact goes from job to job: a copy, and nothing that lies beside it. */
    const handOver = (path: string, to: Workspace, name = basename(path)) => {
      cpSync(path, join(to.folder, name), {recursive: true, filter: (source) => !/\/(\.[^/]*|tmp)$/.test(source)})
      return name
    }
    const emit = async (on: Workspace, file: string, ...more: string[]) => {
      writeFileSync(join(on.folder, 't.json'), '{"name":"unit","passed":1,"failed":0,"skipped":0}')
      const result = await on.cli(['emit', 'test', 't.json', ...more], {env: {HIPAA_CI_RUN: join(on.folder, file)}})
      assert.equal(result.exitCode, 0, result.stderr)
    }
    const deploy = async (on: Workspace, file: string) => {
      const args = ['emit', 'deployment', '--file', '-', '--environment', 'production', '--subject', `registry.example/app@sha256:${'a'.repeat(64)}`]
      const result = await on.cli(args, {env: {HIPAA_CI_RUN: join(on.folder, file)}, stdin: '{"namespace":"patient-api","workload":"deployment/web"}'})
      assert.equal(result.exitCode, 0, result.stderr)
    }
    const start = async (on: Workspace, expect = 'test,deployment') => {
      const args = ['run', 'start', '--expect', expect, '--job', 'build', '--job', 'scan', '--job', 'deploy', '--file', 'run.json']
      const result = await on.cli(args)
      assert.equal(result.exitCode, 0, result.stderr)
    }
    const end = async (on: Workspace, ...files: string[]): Promise<CliResult> =>
      on.cli(['run', 'end', '--file', 'run.json', ...files.flatMap((file) => ['--join', file]), '--json'])
    const ended = ({json, exitCode}: CliResult) => {
      const {jobs, gaps} = json as Ended
      return {exitCode, jobs: jobs.map(({job, count}) => `${job} ${count}`), gaps: gaps.map(({code, name}) => `${code} ${name}`)}
    }
    const verify = async (on: Workspace) => {
      const {exitCode, json} = await on.cli(['evidence', 'verify', '--blobs', '--json'])
      return {exitCode, findings: (json as Verdict).findings.map(({code}) => code)}
    }
    const three = async () => {
      const [build, scan, release] = [await machine(), await machine(), await machine()]
      await start(build)
      handOver(join(build.folder, 'run.scan.json'), scan)
      handOver(join(build.folder, 'run.deploy.json'), release)
      return {build, scan, release}
    }

    it('is whole: three jobs, a rerun, and a spool that another job delivers', async () => {
      const {build, scan, release} = await three()
      await emit(build, 'run.json')
      // This machine cannot reach the store: its evidence goes into a spool, and that to the machine that ends the run.
      const unreachable = ['--store', place.unreachable, '--spool', 'spool']
      await emit(scan, 'run.scan.json', ...unreachable)
      await emit(scan, 'run.scan.json', ...unreachable)
      assert.equal((await scan.cli(['run', 'start', '--of', 'run.scan.json', '--job', 'scan#2', '--file', 'again.json'])).exitCode, 0)
      await emit(scan, 'again.json', ...unreachable)
      await deploy(release, 'run.deploy.json')

      const spool = handOver(join(scan.folder, 'spool'), build)
      const files = [handOver(join(scan.folder, 'run.scan.json'), build, 'scan.json'), handOver(join(scan.folder, 'again.json'), build)]
      files.push(handOver(join(release.folder, 'run.deploy.json'), build, 'deploy.json'))
      const early = await build.cli(['run', 'end', '--file', 'run.json', '--spool', spool, '--json'])
      assert.deepEqual([early.exitCode, (early.json as {error: {code: string}}).error.code], [4, 'spool.not-empty'])
      assert.equal((await build.cli(['emit', '--flush', '--spool', spool, '--store', place.address])).exitCode, 0)
      assert.deepEqual(ended(await end(build, ...files)), {exitCode: 0, jobs: ['build 1', 'scan 2', 'scan#2 1', 'deploy 1'], gaps: []})
      assert.deepEqual(await verify(release), {exitCode: 0, findings: []})
    })

    it('names the job and the step that never came', async () => {
      const {build, scan, release} = await three()
      await emit(scan, 'run.scan.json')
      const files = [handOver(join(scan.folder, 'run.scan.json'), build, 'scan.json')]
      assert.deepEqual(ended(await end(build, ...files)), {
        exitCode: 6,
        jobs: ['build 0', 'scan 1'],
        gaps: ['run.missing-step deployment', 'run.missing-job job:deploy'],
      })
      assert.deepEqual(await verify(release), {exitCode: 6, findings: ['run.missing-step', 'run.missing-job']})
    })

    it('names the job whose run file was lost, and shows its records as uncounted', async () => {
      const {build, scan, release} = await three()
      await emit(scan, 'run.scan.json')
      await deploy(release, 'run.deploy.json')
      const files = [handOver(join(release.folder, 'run.deploy.json'), build, 'deploy.json')]
      // The step reported nowhere that the end could see.
      assert.deepEqual(ended(await end(build, ...files)), {
        exitCode: 6,
        jobs: ['build 0', 'deploy 1'],
        gaps: ['run.missing-step test', 'run.missing-job job:scan'],
      })
      const {exitCode, findings} = await verify(build)
      assert.deepEqual([exitCode, findings.toSorted()], [6, ['run.missing-job', 'run.missing-step', 'run.unlisted-job']])
    })

    it('shows a spool that never came as a gap', async () => {
      const {build, scan, release} = await three()
      await emit(scan, 'run.scan.json', '--store', place.unreachable, '--spool', 'spool')
      await deploy(release, 'run.deploy.json')
      const files = [handOver(join(scan.folder, 'run.scan.json'), build, 'scan.json'), handOver(join(release.folder, 'run.deploy.json'), build, 'deploy.json')]
      assert.equal((await end(build, ...files)).exitCode, 0, 'the run file says that it was written')
      const before = await verify(build)
      assert.deepEqual([before.exitCode, before.findings.includes('run.count')], [6, true], before.findings.join())
      const spool = handOver(join(scan.folder, 'spool'), build)
      assert.equal((await build.cli(['emit', '--flush', '--spool', spool, '--store', place.address])).exitCode, 0)
      assert.deepEqual(await verify(build), {exitCode: 0, findings: []}, 'until it comes')
    })

    it('finds a run file that two machines used at once', async () => {
      const {build, scan, release} = await three()
      const twin = await machine()
      handOver(join(scan.folder, 'run.scan.json'), twin)
      await Promise.all([emit(scan, 'run.scan.json'), emit(twin, 'run.scan.json')])
      await deploy(release, 'run.deploy.json')
      const files = [handOver(join(scan.folder, 'run.scan.json'), build, 'scan.json'), handOver(join(release.folder, 'run.deploy.json'), build, 'deploy.json')]
      assert.equal((await end(build, ...files)).exitCode, 0, 'each file is whole by itself')
      const {exitCode, findings} = await verify(build)
      assert.deepEqual([exitCode, [...new Set(findings)]], [5, ['chain.fork']])
    })

    it('finds what a job wrote after it had been counted', async () => {
      const {build, scan, release} = await three()
      await emit(scan, 'run.scan.json')
      const files = [handOver(join(scan.folder, 'run.scan.json'), build, 'scan.json')]
      await emit(scan, 'run.scan.json')
      await deploy(release, 'run.deploy.json')
      files.push(handOver(join(release.folder, 'run.deploy.json'), build, 'deploy.json'))
      assert.equal((await end(build, ...files)).exitCode, 0)
      assert.deepEqual(await verify(build), {exitCode: 5, findings: ['run.after-end']})
    })

    it('is left open where the machine that was to end it is gone, and can be ended from any other file of it', async () => {
      const {build, scan, release} = await three()
      await emit(scan, 'run.scan.json')
      await deploy(release, 'run.deploy.json')
      rmSync(build.folder, {recursive: true})
      assert.deepEqual(await verify(scan), {exitCode: 6, findings: ['run.no-end']})
      const file = handOver(join(release.folder, 'run.deploy.json'), scan, 'deploy.json')
      const last = await scan.cli(['run', 'end', '--file', 'run.scan.json', '--join', file, '--json'])
      assert.deepEqual(ended(last), {exitCode: 6, jobs: ['scan 1', 'deploy 1'], gaps: ['run.missing-job job:build']})
      assert.ok(!existsSync(build.folder))
    })
  })
