/** Interrupted in mid-work: exit 130, no copy of the image left behind, and no half-written evidence. */
import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {mkdirSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import process from 'node:process'
import {writeLayout} from '../../scripts/image/build-image.ts'
import {serviceImage} from '../../scripts/image/service.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

const BIN = join(import.meta.dirname, '../../bin/run.js')

describe('an interrupted scan', function () {
  this.timeout(120_000)
  let workspace: Workspace
  let scratch: string

  before(async () => {
    workspace = await createWorkspace()
    scratch = join(workspace.folder, 'scratch')
    mkdirSync(scratch)
    assert.equal((await workspace.cli(['init', '--system', 'interrupted'])).exitCode, 0)
    await writeLayout(join(workspace.folder, 'layout'), serviceImage())
  })
  after(async () => workspace.remove())

  it('ends with 130 and leaves nothing in the temporary folder', async () => {
    const child = spawn(process.execPath, [BIN, 'scan', './layout'], {
      cwd: workspace.folder,
      env: {...process.env, TMPDIR: scratch, HIPAA_CI_RUN: undefined},
      stdio: 'ignore',
    })
    const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)))
    await until(() => readdirSync(scratch).some((name) => name.startsWith('hipaa-ci-image-')))
    child.kill('SIGINT')
    assert.equal(await ended, 130)
    assert.deepEqual(
      readdirSync(scratch).filter((name) => name.startsWith('hipaa-ci-')),
      [],
    )
  })

  it('leaves evidence that is whole', async () => {
    await workspace.cli(['emit', 'test', '--file', '-'], {stdin: '{"name":"unit","passed":1,"failed":0,"skipped":0}'})
    const {exitCode, stdout, stderr} = await workspace.cli(['evidence', 'verify'])
    assert.equal(exitCode, 0, stdout + stderr)
  })
})

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('it never began')
    // oxlint-disable-next-line no-await-in-loop -- it waits
    await new Promise((next) => setTimeout(next, 5))
  }
}
