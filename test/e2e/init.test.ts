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
})
