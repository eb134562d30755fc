/** The key pair that `init` has the real Cosign make: it opens with its password, and with no other. */
import assert from 'node:assert/strict'
import {readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import process from 'node:process'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {createRunTool} from '../../src/lib/toolbox/run-tool.ts'
import {publicKeyOf} from '../../src/lib/tools/cosign.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

describe('init --generate-key', function () {
  this.timeout(60_000)
  let workspace: Workspace
  beforeEach(async () => {
    workspace = await createWorkspace()
  })
  afterEach(async () => workspace.remove())
  const open = async (password: string) =>
    (
      await createRunTool({cwd: workspace.folder, env: process.env})(publicKeyOf, {
        reference: join(workspace.folder, 'cosign.key'),
        variables: {COSIGN_PASSWORD: password},
      })
    ).value

  it('makes a pair that belongs together, and pins it', async () => {
    const {exitCode, stderr} = await workspace.cli(['init', '--generate-key'], {env: {COSIGN_PASSWORD: 'correct horse'}})
    assert.equal(exitCode, 0, stderr)
    assert.ok(!stderr.includes('COSIGN_PASSWORD'))
    assert.match(stderr, /HIPAA_CI_SEALING_PASSWORD is not set: the key gets no password/)
    const pinned = readPublicKey(await readFile(join(workspace.folder, 'cosign.pub'), 'utf8'))
    assert.equal(readPublicKey(await open('correct horse'))?.spki, pinned?.spki)
    await assert.rejects(open(''), {code: 'tool.failed'})
    assert.ok((await readFile(join(workspace.folder, 'hipaa-ci.yaml'), 'utf8')).includes(`sha256:${pinned?.spki}`))
    assert.equal((await stat(join(workspace.folder, 'cosign.key'))).mode & 0o777, 0o600)
  })

  it('says so where the password is empty', async () => {
    const {exitCode, stderr} = await workspace.cli(['init', '--generate-key'], {env: {COSIGN_PASSWORD: ''}})
    assert.equal(exitCode, 0, stderr)
    assert.match(stderr, /COSIGN_PASSWORD is empty: the key gets an empty password/)
    await open('')
  })

  it('makes a key that seals, which the other commands know', async () => {
    const env = {COSIGN_PASSWORD: 'correct horse', HIPAA_CI_SEALING_PASSWORD: 'synthetic'}
    const run = async (...args: string[]) => {
      const result = await workspace.cli(args, {env})
      assert.equal(result.exitCode, 0, `${args.join(' ')}\n${result.stderr}`)
      return result
    }
    assert.ok(!(await run('init', '--generate-key', '--system', 'patient-api')).stderr.includes('HIPAA_CI_SEALING_PASSWORD'))
    const line = (await readFile(join(workspace.folder, 'checkpoint.pub'), 'utf8')).trim()
    assert.match(line, /^patient-api\.local\/evidence\+[0-9a-f]{8}\+/)
    assert.ok((await run('keys', 'show')).stdout.includes(`counts: ${line}`))
    const {checks} = (await workspace.cli(['doctor', '--json'], {env})).json as {checks: {name: string; state: string; message: string}[]}
    assert.deepEqual(
      checks.filter(({name}) => name === 'sealing').map(({state}) => state),
      ['ok'],
    )
    const next = await run('keys', 'generate', 'keys/next', '--for', 'sealing')
    assert.ok(next.stdout.includes(`    - "${line}"`), next.stdout)
    assert.equal((await stat(join(workspace.folder, 'keys/next.key'))).mode & 0o777, 0o600)
    assert.equal((await workspace.cli(['keys', 'generate', 'other', '--origin', 'acme.example/log'], {env})).exitCode, 2)
  })

  it('makes another one beside it, which replaces the first on the day that is named', async () => {
    const run = async (exitCode: number, ...args: string[]) => {
      const result = await workspace.cli(args, {env: {COSIGN_PASSWORD: 'correct horse'}})
      assert.equal(result.exitCode, exitCode, `${args.join(' ')}\n${result.stderr}`)
      return result
    }
    await run(0, 'init', '--generate-key')
    const {json} = await run(0, 'keys', 'generate', 'keys/next', '--json')
    const pinned = `sha256:${readPublicKey(await readFile(join(workspace.folder, 'keys/next.pub'), 'utf8'))?.spki}`
    assert.equal((json as {spki: string}).spki, pinned)
    assert.match((await run(2, 'keys', 'generate', 'keys/next')).stderr, /key\.exists/)

    const today = new Date().toISOString().slice(0, 10)
    await run(0, 'keys', 'rotate', '--to', 'file:keys/next.key', '--on', '2999-01-01')
    assert.match((await run(2, 'keys', 'rotate', '--to', 'file:keys/next.key')).stderr, /announced from 2999-01-01 on[^]*--on \d{4}/)
    await run(0, 'keys', 'rotate', '--to', 'file:keys/next.key', '--on', today)
    const shown = (await run(0, 'keys', 'show')).stdout
    assert.match(shown, /✔ signs with/)
    assert.ok(shown.includes(`${pinned}  `), shown)
    await run(0, 'keys', 'rotate', '--compromised', pinned.slice(7, 19))
    const after = await run(0, 'keys', 'show')
    assert.match(after.stdout, /✖ signs with .*no environment trusts it now/)
    assert.match(after.stderr, /signs here, and no environment trusts it now/)
  })
})
