/** `doctor` as it is typed, with stand-ins for the tools; what it says of the real ones stands in `test/e2e/`. */
import assert from 'node:assert/strict'
import {chmod} from 'node:fs/promises'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import process from 'node:process'
import {z} from 'zod'
import {sha256Hex} from '../../src/lib/evidence/record.ts'
import {createWorkspace, type Workspace} from '../e2e/workspace.ts'
import {fakeTool} from '../fakes/fake-tool.ts'
import {TOOL_NAMES, TOOL_PINS} from '../../src/lib/tools/versions.ts'

const Answer = z.object({
  exitCode: z.number(),
  checks: z.array(z.object({name: z.string(), state: z.string(), message: z.string(), fix: z.string().optional(), exitCode: z.number()})),
})

describe('hipaa-ci doctor', () => {
  let workspace: Workspace
  let elsewhere: string
  let bin: string
  beforeEach(async () => {
    elsewhere = await mkdtemp(join(tmpdir(), 'hipaa-ci-doctor-'))
    bin = join(elsewhere, 'bin')
    workspace = await createWorkspace({
      PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`,
      HIPAA_CI_CACHE: join(elsewhere, 'cache'),
      HIPAA_CI_TRIVY_CACHE: join(elsewhere, 'trivy'),
    })
    for (const name of TOOL_NAMES) fakeTool(bin, name, TOOL_PINS[name].version)
  })
  afterEach(async () => {
    await workspace.remove()
    await rm(elsewhere, {recursive: true, force: true})
  })

  async function states(...args: string[]) {
    const {exitCode, json, stderr} = await workspace.cli(['doctor', '--json', ...args])
    const {checks, exitCode: told} = Answer.parse(json)
    assert.equal(told, exitCode, stderr)
    return {exitCode, byName: new Map(checks.map((check) => [check.name, check]))}
  }

  it('shows each tool with version and place, and the absent database as missing', async () => {
    const {exitCode, stdout} = await workspace.cli(['doctor'])
    assert.equal(exitCode, 3)
    assert.match(stdout, new RegExp(`✔ ok {14}trivy {12}0\\.74\\.0 {2}${join(bin, 'trivy')}\n`))
    assert.match(stdout, /∅ missing {9}trivy database {3}there is none in .*\n.*→ hipaa-ci scan TARGET --update-db/)
    assert.match(stdout, /\n1 missing, 4 to know about\n$/)
  })

  it('ends with 3 where a tool is missing, refused, or in the working folder', async () => {
    await rm(join(bin, 'trivy'))
    assert.match((await states()).byName.get('trivy')?.message ?? '', /^trivy was not found/)
    fakeTool(bin, 'trivy', '0.69.5')
    assert.match((await states()).byName.get('trivy')?.message ?? '', /malicious/)
    await rm(bin, {recursive: true})
    fakeTool(join(workspace.folder, 'tools'), 'cosign', '3.1.2')
    const {exitCode, json} = await workspace.cli(['doctor', '--json'], {env: {PATH: `${join(workspace.folder, 'tools')}:/usr/bin:/bin`}})
    assert.equal(exitCode, 3)
    assert.match(Answer.parse(json).checks.find(({name}) => name === 'cosign')?.message ?? '', /lies inside the working folder/)
  })

  it('names the faults of a broken configuration, and looks at the rest', async () => {
    await workspace.write('hipaa-ci.yaml', 'version: 1\nsystem: app\nstoer: x\n')
    const {exitCode, byName} = await states()
    assert.equal(exitCode, 2)
    assert.match(byName.get('configuration')?.message ?? '', /hipaa-ci\.yaml:3/)
    assert.equal(byName.get('trivy')?.state, 'ok')
  })

  it('looks at key, store and registry that the configuration names', async () => {
    await workspace.write(
      'hipaa-ci.yaml',
      'version: 1\nsystem: app\nsigning: {key: "file:cosign.key"}\nenvironments: {local: {repository: "127.0.0.1:1/app"}}\n',
    )
    await workspace.write('cosign.key', 'synthetic, no key')
    await chmod(join(workspace.folder, 'cosign.key'), 0o644)
    const {byName} = await states('--store', 'folder:ev')
    assert.equal(byName.get('signing key')?.fix, `chmod 600 ${join(workspace.folder, 'cosign.key')}`)
    assert.deepEqual([byName.get('registry')?.state, byName.get('registry')?.exitCode], ['could-not-check', 4])
    assert.match(byName.get('evidence store')?.message ?? '', new RegExp(`^folder:${join(workspace.folder, 'ev')}, made with the first record`))
  })

  describe('under a platform policy', () => {
    const PLATFORM = 'version: 1\ngate: {vulnerabilities: {critical: 0}}\nenvironments: {production: {repository: "127.0.0.1:1/prod"}}\n'
    const named = (sha256 = sha256Hex(Buffer.from(PLATFORM))) => `version: 1\nsystem: app\nfloor: {file: platform.yaml, sha256: "${sha256}"}\n`

    it('asks for the repositories that only the platform names', async () => {
      await workspace.write('platform.yaml', PLATFORM)
      await workspace.write('hipaa-ci.yaml', named())
      const {byName} = await states()
      assert.equal(byName.get('configuration')?.state, 'ok')
      assert.match(byName.get('registry')?.message ?? '', /127\.0\.0\.1:1/)
    })

    it('calls a configuration wrong that allows more, and a policy that is not the pinned one', async () => {
      await workspace.write('platform.yaml', PLATFORM)
      await workspace.write('hipaa-ci.yaml', `${named()}gate: {vulnerabilities: {critical: 5}}\n`)
      const weaker = await states()
      assert.deepEqual([weaker.exitCode, weaker.byName.get('configuration')?.state], [2, 'wrong'])
      assert.match(weaker.byName.get('configuration')?.message ?? '', /gate\.vulnerabilities\.critical/)
      await workspace.write('hipaa-ci.yaml', named('0'.repeat(64)))
      const other = await states()
      assert.deepEqual([other.exitCode, other.byName.get('configuration')?.state], [2, 'wrong'])
      assert.match(other.byName.get('configuration')?.message ?? '', /pins sha256:0{64}/)
      await rm(join(workspace.folder, 'platform.yaml'))
      assert.match((await states()).byName.get('configuration')?.message ?? '', /cannot be read/)
    })
  })

  it('ends with 2 on an empty flag or a store that is none', async () => {
    assert.equal((await workspace.cli(['doctor', '--config', ''])).exitCode, 2)
    assert.equal((await workspace.cli(['doctor', 'now'])).exitCode, 2)
  })
})
