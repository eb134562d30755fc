/** What an auditor keeps of a log, by the built command: a checkpoint, a letter, a copy, a timestamp; and what each finds later. */
import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {readFile, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {startTimestampAuthority, type TimestampAuthority} from '../timestamp-authority.ts'
import {createWorkspace, type CliResult, type Workspace} from './workspace.ts'

const RECORD = '{"name":"unit","passed":1,"failed":0,"skipped":0}'

describe('evidence checkpoint', function () {
  this.timeout(120_000)
  let authority: TimestampAuthority
  let workspace: Workspace

  before(async () => {
    authority = await startTimestampAuthority()
  })
  after(async () => authority.stop())
  beforeEach(async () => {
    workspace = await createWorkspace()
    await run(0, 'init', '--system', 'patient-api', '--generate-key')
    await grow()
  })
  afterEach(async () => workspace.remove())

  const run = async (exitCode: number, ...args: string[]): Promise<CliResult> => {
    const result = await workspace.cli(args)
    assert.equal(result.exitCode, exitCode, `${args.join(' ')}\n${result.stdout}${result.stderr}`)
    return result
  }
  const grow = async () => {
    const emitted = await workspace.cli(['emit', 'test', '--file', '-'], {stdin: RECORD})
    assert.equal(emitted.exitCode, 0, emitted.stderr)
    return run(0, 'evidence', 'seal')
  }
  const file = (name: string) => join(workspace.folder, name)
  const configure = async (lines: string) => {
    const text = await readFile(file('hipaa-ci.yaml'), 'utf8')
    await writeFile(file('hipaa-ci.yaml'), text.replace(/^sealing:$/m, `sealing:\n${lines}`))
  }

  it('prints nothing but the note, which is an anchor for the log that follows', async () => {
    const {stdout} = await run(0, 'evidence', 'checkpoint')
    assert.equal(stdout, await readFile(file('.hipaa-ci/evidence/log/checkpoint/000000000001'), 'utf8'))
    await writeFile(file('kept'), stdout)
    await run(0, 'evidence', 'checkpoint', '--letter', 'letter.md', '--to', 'folder:copies', '--json')
    await grow()
    for (const anchor of ['kept', 'letter.md', 'folder:copies']) await run(0, 'evidence', 'verify', '--anchor', anchor)
    assert.match((await run(2, 'evidence', 'checkpoint', '--letter', 'letter.md')).stderr, /what is kept is not replaced/)
    assert.equal((await run(0, 'evidence', 'checkpoint', '--show-key')).stdout, await readFile(file('checkpoint.pub'), 'utf8'))
  })

  it('finds a log that was written anew, under a key of the same name that everybody there now trusts', async () => {
    const key = (await run(0, 'evidence', 'checkpoint', '--show-key')).stdout.trim()
    await run(0, 'evidence', 'checkpoint', '--letter', 'letter.md', '--to', 'folder:copies')
    for (const gone of ['.hipaa-ci', 'checkpoint.key', 'checkpoint.pub']) await rm(file(gone), {recursive: true})
    await run(0, 'keys', 'generate', 'checkpoint', '--for', 'sealing')
    await writeFile(
      file('hipaa-ci.yaml'),
      (await readFile(file('hipaa-ci.yaml'), 'utf8')).replace(key, (await readFile(file('checkpoint.pub'), 'utf8')).trim()),
    )
    await grow()
    await run(0, 'evidence', 'verify')
    // With the key that the auditor kept.
    assert.match((await run(5, 'evidence', 'verify', '--anchor', 'letter.md', '--key', key)).stdout, /checkpoint\.wrong-key|log\.forked/)
    assert.match((await run(5, 'evidence', 'checkpoint', '--to', 'folder:copies')).stderr, /log\.forked/)
  })

  it('has it timestamped and copied with each seal, and says which anchor failed', async () => {
    await writeFile(file('tsa.pem'), authority.chainPem)
    const sha256 = createHash('sha256').update(authority.chainPem).digest('hex')
    await configure(`  timestamp: ${authority.url}\n  timestamp-authorities: [{file: tsa.pem, sha256: "sha256:${sha256}"}]\n  copies: ["folder:copies"]`)
    const {stdout} = await grow()
    assert.match(stdout, /✔ timestamp by \S+: there by 20\d\d-/)
    assert.match(stdout, /✔ copied to folder:\S+copies/)
    await run(0, 'evidence', 'verify', '--anchor', 'folder:copies')

    await run(0, 'evidence', 'checkpoint', '--timestamp', 'kept/checkpoint')
    const {stdout: told} = await run(0, 'evidence', 'checkpoint', '--json')
    const {trustedTime} = JSON.parse(told) as {trustedTime: string}
    assert.match(trustedTime, /^20\d\d-/)
    await run(0, 'evidence', 'verify', '--anchor', 'kept/checkpoint.tsr')

    await authority.stop()
    try {
      const emitted = await workspace.cli(['emit', 'test', '--file', '-'], {stdin: RECORD})
      assert.equal(emitted.exitCode, 0, emitted.stderr)
      const failed = await run(4, 'evidence', 'seal')
      assert.match(failed.stdout, /1 record sealed/)
      assert.match(failed.stdout, /✖ no timestamp by \S+ \(the seal stands/)
      assert.match(failed.stdout, /timestamp\.unreachable/)
      assert.match(failed.stdout, /✔ copied to/)
    } finally {
      authority = await startTimestampAuthority()
    }
  })
})
