/** An SBOM of 50 MB is verified within bounds of memory, by the command as it is installed. */
import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import {statementBytes} from '../../src/lib/evidence/statement.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {sbomOf} from '../fakes/statements.ts'
import {createScene, type Scene} from '../lie-matrix/scene.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

const MIB = 1024 * 1024
const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
/**
 * Loaded before the command: leaves the most memory that the process ever had, in KiB, in a file. On Linux `maxRSS`
 * would be that of whoever started it, where that is more.
 */
const WATCH = `import {existsSync, readFileSync, writeFileSync} from 'node:fs'
const most = () => existsSync('/proc/self/status') ? /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1] : process.resourceUsage().maxRSS
process.on('exit', () => writeFileSync('rss', String(most())))`

/** A synthetic document of at least `bytes`. */
function largeSbom(digest: string, bytes: number): Uint8Array {
  const one = {SPDXID: 'SPDXRef-Package-0000000', name: 'synthetic', versionInfo: '1.0.0', downloadLocation: 'NOASSERTION', copyrightText: 'x'.repeat(400)}
  const packages = Array.from({length: Math.ceil(bytes / JSON.stringify(one).length)}, (_, at) => ({...one, SPDXID: `SPDXRef-Package-${1_000_000 + at}`}))
  const {predicate, ...statement} = sbomOf(digest)
  return statementBytes({...statement, predicate: {...(predicate as object), packages}})
}

describe('an SBOM of 50 MB', function () {
  this.timeout(180_000)
  let registry: TestRegistry
  let workspace: Workspace
  let scene: Scene
  before(async () => {
    registry = await startRegistry()
    workspace = await createWorkspace()
    const repository = `${registry.host}/clinic/large`
    scene = await createScene(openRegistry(repository), repository)
    await scene.honest(['sbom', 'scan', 'gate', 'provenance'])
    await scene.attach(largeSbom(scene.digest, 50 * MIB))
    await workspace.write('key.pub', scene.trusted.pem)
    await workspace.write('watch.mjs', WATCH)
    await workspace.write(
      'hipaa-ci.yaml',
      `version: 1\nsystem: patient-api\nenvironments: {production: {requires: {signature: {keys: [{spki: "sha256:${scene.trusted.spki}", file: key.pub}]}, sbom: {}}}}\n`,
    )
  })
  after(async () => {
    await registry.stop()
    await workspace.remove()
  })

  it('is verified within 300 MiB of memory', async () => {
    const args = ['--import', join(workspace.folder, 'watch.mjs'), BIN, 'verify', `${scene.repository}@${scene.digest}`, '--json']
    const child = spawn(process.execPath, args, {
      cwd: workspace.folder,
      env: {PATH: process.env['PATH'], HOME: workspace.folder},
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
    const exitCode = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
    assert.equal(exitCode, 0, err + out)
    const {checks} = JSON.parse(out) as {checks: readonly {name: string; state: string}[]}
    assert.equal(checks.find(({name}) => name === 'sbom')?.state, 'verified')
    const most = Number(readFileSync(join(workspace.folder, 'rss'), 'utf8')) / 1024
    assert.ok(most > 0 && most <= 300, `${Math.round(most)} MiB`)
  })
})
