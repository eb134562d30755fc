/** Two commands write into one store at the same time: nothing is lost, and every chain holds. */
import assert from 'node:assert/strict'
import {createWorkspace, type Workspace} from './workspace.ts'

const EACH = 500
const lines = Array.from({length: EACH}, (_, at) => JSON.stringify({name: `suite-${at}`, passed: at, failed: 0, skipped: 0})).join('\n')

describe(`two emits of ${EACH} records each, at once`, function () {
  this.timeout(180_000)
  let workspace: Workspace

  beforeEach(async () => {
    workspace = await createWorkspace()
    assert.equal((await workspace.cli(['init', '--system', 'concurrent'])).exitCode, 0)
  })
  afterEach(async () => workspace.remove())

  const emitTwice = async (env: Record<string, string> = {}) => {
    const results = await Promise.all([1, 2].map(async () => workspace.cli(['emit', 'test', '--file', '-', '--json'], {stdin: lines, env})))
    for (const {exitCode, stderr} of results) assert.equal(exitCode, 0, stderr)
  }
  const recordsOf = async () => {
    const verified = await workspace.cli(['evidence', 'verify', '--json'])
    assert.equal(verified.exitCode, 0, verified.stdout + verified.stderr)
    const listed = await workspace.cli(['evidence', 'ls', '--stream', 'test', '--limit', '5000', '--json'])
    return (listed.json as {records: readonly unknown[]}).records.length
  }

  it('leave 1,000 records in two runs of their own', async () => {
    await emitTwice()
    assert.equal(await recordsOf(), 2 * EACH)
  })

  it('leave 1,000 records in one chain of a run that both share', async () => {
    const started = await workspace.cli(['run', 'start', '--expect', 'test', '--file', 'run.json', '--json'])
    assert.equal(started.exitCode, 0, started.stderr)
    await emitTwice({HIPAA_CI_RUN: 'run.json'})
    const ended = await workspace.cli(['run', 'end'], {env: {HIPAA_CI_RUN: 'run.json'}})
    assert.equal(ended.exitCode, 0, ended.stderr)
    assert.equal(await recordsOf(), 2 * EACH)
  })
})
