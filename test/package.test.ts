/** What is published works: packed, installed into an empty prefix, and run there. Needs a build, and the registry that npm is set to. */
import assert from 'node:assert/strict'
import {execFileSync, spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import {z} from 'zod'
import {readCommands} from '../scripts/manifest.ts'
import {assertNone} from './rules/assert-none.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const Packed = z.tuple([z.looseObject({filename: z.string(), files: z.array(z.looseObject({path: z.string(), mode: z.int()}))})])
const Manifest = z.looseObject({version: z.string()})
const {version} = Manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
/** Folders and files at the top of the package, and nothing beside. */
const SHIPPED = /^(?:bin|dist|rules|schemas)\/|^(?:CHANGELOG\.md|LICENSE|README\.md|oclif\.manifest\.json|package\.json)$/

describe('the package', function () {
  this.timeout(300_000)
  const scratch = mkdtempSync(join(tmpdir(), 'hipaa-ci-package-'))
  const prefix = join(scratch, 'prefix')
  const elsewhere = join(scratch, 'elsewhere')
  let files: {path: string; mode: number}[] = []

  before(() => {
    for (const folder of [prefix, elsewhere]) mkdirSync(folder)
    // The build is there already; running it again would take `dist` away under other tests.
    const [packed] = Packed.parse(JSON.parse(npm(['pack', '--ignore-scripts', '--json', '--pack-destination', scratch], root)))
    files = packed.files
    writeFileSync(join(prefix, 'package.json'), '{"private": true, "type": "module"}\n')
    npm(['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', join(scratch, packed.filename)], prefix)
  })
  after(() => rmSync(scratch, {recursive: true, force: true}))

  it('holds what runs and what explains it, and nothing else', () => {
    assertNone(files.filter(({path}) => !SHIPPED.test(path) || /\.(map|tsbuildinfo)$|\.test\./.test(path)).map(({path}) => path))
    const paths = new Set(files.map(({path}) => path))
    assertNone(
      ['bin/run.js', 'oclif.manifest.json', 'LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts', 'dist/third-party.txt'].filter(
        (path) => !paths.has(path),
      ),
    )
  })

  it('holds the module of every command', () => {
    const paths = new Set(files.map(({path}) => path))
    assertNone([...readCommands().values()].map(({relativePath}) => relativePath?.join('/') ?? '(no path)').filter((path) => !paths.has(path)))
  })

  it('holds every file that a module of it imports', () => {
    const dist = join(prefix, 'node_modules', 'hipaa-ci', 'dist')
    const modules = readdirSync(dist, {recursive: true, encoding: 'utf8'}).filter((file) => file.endsWith('.js'))
    const present = new Set(readdirSync(dist, {recursive: true, encoding: 'utf8'}).map((file) => join(dist, file)))
    const targets = modules.flatMap((file) => {
      const source = readFileSync(join(dist, file), 'utf8')
      return [...source.matchAll(/(?:from |import |import\()\s*"(\.[^"]+\.js)"/g)].map(([, target = '']) => ({file, target: join(dist, dirname(file), target)}))
    })
    assert.ok(targets.length > 0)
    assertNone(targets.filter(({target}) => !present.has(target)).map(({file, target}) => `${file} -> ${target}`))
  })

  it('lets its command be executed', () => {
    assert.equal((files.find(({path}) => path === 'bin/run.js')?.mode ?? 0) & 0o111, 0o111)
  })

  it('says its version', () => {
    const {status, stdout} = installed(['--version'])
    assert.equal(status, 0)
    assert.ok(stdout.startsWith(`hipaa-ci/${version} `), stdout)
  })

  it('shows the help of every command', () => {
    for (const id of readCommands().keys()) {
      const {status, stdout, stderr} = installed([...id.split(':'), '--help'])
      assert.equal(status, 0, `${id}: ${stderr}`)
      assert.match(stdout, /USAGE/)
    }
  })

  it('refuses what it does not know with exit 2', () => {
    assert.equal(installed(['no-such-command']).status, 2)
  })

  it('can be imported', () => {
    const script = "const {EXIT, STREAMS} = await import('hipaa-ci'); console.log(EXIT.missing, STREAMS.includes('sbom'))"
    assert.equal(execFileSync(process.execPath, ['--input-type=module', '-e', script], {cwd: prefix, encoding: 'utf8'}).trim(), '6 true')
  })

  /** Runs the installed command in a folder that is not the project's. */
  function installed(argv: string[]): {status: number | null; stdout: string; stderr: string} {
    return spawnSync(join(prefix, 'node_modules', '.bin', 'hipaa-ci'), argv, {cwd: elsewhere, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']})
  }
})

function npm(argv: readonly string[], cwd: string): string {
  return execFileSync('npm', argv, {cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']})
}
