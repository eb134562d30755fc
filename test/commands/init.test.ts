/** `init` as it is typed; the key pair is made by the real Cosign in `test/e2e/init.test.ts`. */
import assert from 'node:assert/strict'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {z} from 'zod'
import {createWorkspace, type Workspace} from '../e2e/workspace.ts'

const Failure = z.object({error: z.object({code: z.string(), exitCode: z.number(), suggestions: z.array(z.string())})})

describe('hipaa-ci init', () => {
  let workspace: Workspace
  beforeEach(async () => {
    workspace = await createWorkspace()
  })
  afterEach(async () => workspace.remove())

  it('writes a configuration and says what to type next', async () => {
    const {exitCode, stdout, stderr} = await workspace.cli(['init', '--system', 'patient-api'])
    assert.equal(exitCode, 0, stderr)
    assert.match(stdout, /✔ wrote .*hipaa-ci\.yaml\n {2}system {7}patient-api\n {2}environment {2}local: lets nothing pass yet/)
    assert.match(stdout, /Next:\n {2}→ hipaa-ci init --force --generate-key --system patient-api\n/)
    assert.match(await readFile(join(workspace.folder, 'hipaa-ci.yaml'), 'utf8'), /^system: "patient-api"$/m)
  })

  it('says the same as JSON, and nothing else on stdout', async () => {
    const {json} = await workspace.cli(['init', '--system', 'patient-api', '--json'])
    const file = join(workspace.folder, 'hipaa-ci.yaml')
    assert.deepEqual(json, {
      exitCode: 0,
      file,
      replaced: false,
      system: 'patient-api',
      environment: 'local',
      ignored: [],
      next: ['hipaa-ci init --force --generate-key --system patient-api', 'hipaa-ci doctor'],
    })
  })

  it('ends with 2 where something is there already', async () => {
    await workspace.cli(['init'])
    const {exitCode, json, stderr} = await workspace.cli(['init', '--json'])
    assert.equal(exitCode, 2)
    assert.equal(Failure.parse(json).error.code, 'config.exists')
    assert.match(stderr, /is there already/)
  })

  it('works in spite of a broken configuration', async () => {
    await workspace.write('hipaa-ci.yaml', 'version: [\n')
    assert.equal((await workspace.cli(['init', '--force'])).exitCode, 0)
  })

  it('ends with 2 on an empty flag, an empty variable and two places to write to', async () => {
    for (const args of [['--system', ''], ['--file='], ['--repository', ''], ['--file', 'a', '--config', 'b']])
      assert.equal((await workspace.cli(['init', ...args])).exitCode, 2, args.join(' '))
    assert.equal((await workspace.cli(['init'], {env: {HIPAA_CI_CONFIG: ''}})).exitCode, 2)
  })
})
