/** The whole road on the command line: a run, what is emitted into it, and what a reader finds. */
import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {chmodSync, cpSync, existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import type {EmitResult} from '../../src/lib/actions/evidence/emit-evidence.ts'
import type {ListEvidenceResult} from '../../src/lib/actions/evidence/list-evidence.ts'
import type {ShowEvidenceResult} from '../../src/lib/actions/evidence/show-evidence.ts'
import type {VerifyEvidenceResult} from '../../src/lib/actions/evidence/verify-result.ts'
import {createWorkspace, type Workspace} from '../e2e/workspace.ts'
import {image} from '../fakes/evidence-writer.ts'

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const UNIT = '{"name":"unit","passed":3,"failed":0,"skipped":0}'

describe('hipaa-ci run, emit and evidence', function () {
  this.timeout(60_000)
  let workspace: Workspace
  beforeEach(async () => {
    workspace = await createWorkspace({HIPAA_CI_SYSTEM: 'patient-api'})
  })
  afterEach(() => workspace.remove())

  const start = async (...args: string[]) => {
    const {stdout, exitCode, stderr} = await workspace.cli(['run', 'start', ...args])
    assert.equal(exitCode, 0, stderr)
    const [, path] = /^export HIPAA_CI_RUN='(.*)'$/m.exec(stdout) ?? []
    return path ?? assert.fail(stdout)
  }
  const evidence = () => join(workspace.folder, '.hipaa-ci', 'evidence')

  it('goes from start to a verdict, and one changed byte in a copy is named', async () => {
    const run = await start('--expect', 'test,deployment')
    const env = {HIPAA_CI_RUN: run}
    assert.equal((await workspace.cli(['emit', 'test', '--file', '-'], {env, stdin: UNIT})).exitCode, 0)
    writeFileSync(join(workspace.folder, 'junit.xml'), '<testsuite name="e2e"><testcase/><testcase><failure/></testcase></testsuite>')
    assert.equal((await workspace.cli(['emit', 'test', '--from', 'junit', 'junit.xml'], {env})).exitCode, 1)
    const deployment = ['emit', 'deployment', '-', '--subject', image('a'), '--environment', 'production']
    assert.equal((await workspace.cli(deployment, {env, stdin: '{"namespace":"n","workload":"w"}'})).exitCode, 0)
    const end = await workspace.cli(['run', 'end'], {env})
    assert.equal(end.exitCode, 0, end.stderr)
    assert.match(end.stdout, /nothing is missing\n {2}main +3 records/)

    const verified = await workspace.cli(['evidence', 'verify', '--json'])
    const {records, runs, findings, verdict} = verified.json as VerifyEvidenceResult
    assert.deepEqual([verified.exitCode, records, runs, findings, verdict], [0, 5, 1, [], 'verified'])

    cpSync(evidence(), join(workspace.folder, 'copy'), {recursive: true})
    const {json} = await workspace.cli(['evidence', 'ls', '--stream', 'deployment', '--json'])
    const [listed] = (json as ListEvidenceResult).records
    const victim = join(workspace.folder, 'copy', listed?.key ?? '')
    chmodSync(victim, 0o644)
    const bytes = readFileSync(victim)
    bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1
    writeFileSync(victim, bytes)
    const tampered = await workspace.cli(['evidence', 'verify', '--store', 'folder:copy'])
    assert.equal(tampered.exitCode, 5)
    assert.match(tampered.stdout, /^✖ [^]*record\.altered: its bytes do not match the digest in its name\n {4}records\/v1\/deployment\//)
    assert.ok(tampered.stdout.includes(listed?.key ?? assert.fail()))
    assert.equal((await workspace.cli(['evidence', 'ls', '--store', 'folder:copy'])).exitCode, 5)
    assert.equal((await workspace.cli(['evidence', 'show', listed?.id ?? '', '--store', 'folder:copy'])).exitCode, 5)
  })

  it('names the step and the job that never came: exit 6', async () => {
    const run = await start('--expect', 'sbom', '--job', 'main', '--job', 'scan', '--file', 'run.json')
    const {exitCode, stdout} = await workspace.cli(['run', 'end'], {env: {HIPAA_CI_RUN: run}})
    assert.equal(exitCode, 6)
    assert.match(stdout, /step sbom never reported {2}\(run\.missing-step\)\n.*job scan left no run file {2}\(run\.missing-job\)/)
    const verified = await workspace.cli(['evidence', 'verify'])
    assert.equal(verified.exitCode, 6)
    assert.match(verified.stdout, /^∅ the evidence is unchanged, and not complete/)
  })

  it('shows a record and gives its blob, byte for byte', async () => {
    writeFileSync(join(workspace.folder, 'report.txt'), 'all is well\n')
    const {json} = await workspace.cli(['emit', 'test', '-', '--blob', 'report.txt=report.txt', '--json'], {stdin: UNIT})
    const [record] = (json as EmitResult).records
    const id = record?.id ?? assert.fail()
    const shown = (await workspace.cli(['evidence', 'show', id, '--json'])).json as ShowEvidenceResult
    assert.deepEqual([shown.holds, shown.record?.id, shown.blobs.map(({state}) => state)], [true, id, ['whole']])
    assert.equal((await workspace.cli(['evidence', 'show', id, '--blob', 'report.txt'])).stdout, 'all is well\n')
    assert.equal((await workspace.cli(['evidence', 'show', id, '--blob', 'report.txt', '--json'])).exitCode, 2)
    assert.equal((await workspace.cli(['evidence', 'show', '01JGFJJZ00ABCDEFGHJKMNPQRS'])).exitCode, 6)
  })

  it('writes nothing unless every line is valid, and names them all', async () => {
    const {exitCode, stderr} = await workspace.cli(['emit', 'test', '-'], {stdin: `${UNIT}\n{"name":1}\n${UNIT}\n{}`})
    assert.equal(exitCode, 2)
    assert.match(stderr, /2 of 4 lines cannot be recorded, so nothing was written:\nline 2: .*\nline 4: /)
    assert.equal(existsSync(evidence()), false)
  })

  it('refuses to forge, to guess, and to go on without what was named', async () => {
    for (const [args, env, code] of [
      [['emit', 'gate', '-'], {}, 2],
      [['emit', 'scan', '-'], {}, 2],
      [['emit', 'test'], {}, 2],
      [['emit', 'test', '-', '--subject', ''], {}, 2],
      [['emit', 'test', '-', '--no-record'], {}, 2],
      [['emit', 'test', '-'], {HIPAA_CI_RUN: ''}, 2],
      [['emit', 'test', '-'], {HIPAA_CI_RUN: 'none.json'}, 2],
      [['run', 'end'], {}, 2],
      [['run', 'start', '--expect', 'tests'], {}, 2],
      [['evidence', 'verify'], {}, 4],
      [['evidence', 'ls', '--store', 'folder:typo'], {}, 4],
    ] as const) {
      const {exitCode, stderr} = await workspace.cli(args, {env, stdin: UNIT})
      assert.equal(exitCode, code, `${args.join(' ')}: ${stderr}`)
    }
    assert.equal(existsSync(evidence()), false)
  })

  it('leaves no secret and no home folder in the store, and no error tells one', async () => {
    const secret = ['ghp', 'aB3dE5gH7jK9mN2pQ4sT6vW8xYaB3dE5gH7j'].join('_')
    writeFileSync(join(workspace.folder, 'log.txt'), `pushed with ${secret} from /home/jspecimen/app`)
    const {exitCode} = await workspace.cli(['emit', 'test', '-', '--blob', 'log.txt=log.txt'], {stdin: UNIT.replace('unit', `unit ${secret}`)})
    assert.equal(exitCode, 0)
    const {stdout} = await workspace.cli(['evidence', 'ls', '--json'])
    const id = /"id": "(\w+)"/.exec(stdout)?.[1] ?? assert.fail()
    const all = `${(await workspace.cli(['evidence', 'show', id])).stdout}${(await workspace.cli(['evidence', 'show', id, '--blob', 'log.txt'])).stdout}`
    assert.ok(all.includes('[redacted:github-token]') && all.includes('/home/[redacted:home]/app'))
    assert.ok(!all.includes(secret) && !all.includes('jspecimen'))
    const refused = await workspace.cli(['emit', 'test', '-', '--environment', secret], {stdin: UNIT})
    assert.deepEqual([refused.exitCode, refused.stderr.includes('redaction.failed'), refused.stderr.includes(secret)], [5, true, false])
  })

  it('is whole after two of 500 records each at once, in one run', async () => {
    const run = await start()
    const lines = Array.from({length: 500}, (_, index) => UNIT.replace('unit', `unit ${index}`)).join('\n')
    const both = await Promise.all([1, 2].map(() => workspace.cli(['emit', 'test', '-'], {env: {HIPAA_CI_RUN: run}, stdin: lines})))
    assert.deepEqual(
      both.map(({exitCode, stderr}) => [exitCode, stderr]),
      [
        [0, ''],
        [0, ''],
      ],
    )
    assert.equal((await workspace.cli(['run', 'end'], {env: {HIPAA_CI_RUN: run}})).exitCode, 0)
    const {exitCode, json} = await workspace.cli(['evidence', 'verify', '--json'])
    assert.deepEqual([exitCode, (json as VerifyEvidenceResult).records], [0, 1002])
  })

  it('is whole after an emit that was killed', async () => {
    const run = await start()
    const lines = Array.from({length: 2000}, (_, index) => UNIT.replace('unit', `unit ${index}`)).join('\n')
    writeFileSync(join(workspace.folder, 'in.ndjson'), lines)
    const env = {PATH: process.env['PATH'] ?? '', HOME: workspace.folder, HIPAA_CI_SYSTEM: 'patient-api', HIPAA_CI_RUN: run}
    const child = spawn(process.execPath, [BIN, 'emit', 'test', 'in.ndjson'], {cwd: workspace.folder, env, stdio: 'ignore'})
    const closed = new Promise((resolve) => child.once('close', resolve))
    while (!/"seq":[1-9]/.test(readFileSync(run, 'utf8'))) await new Promise((resolve) => setTimeout(resolve, 5))
    child.kill('SIGKILL')
    await closed
    assert.equal((await workspace.cli(['run', 'end'], {env})).exitCode, 0)
    const {exitCode, json} = await workspace.cli(['evidence', 'verify', '--json'])
    const {records, findings} = json as VerifyEvidenceResult
    assert.deepEqual([exitCode, findings], [0, []])
    assert.ok(records > 2 && records < 2002, String(records))
  })
})
