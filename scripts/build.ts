/**
 * Bundles `src` into `dist`, with its types and the licences of what is in it, and writes `oclif.manifest.json`.
 *
 * With `--if-stale` it does nothing where `dist` was built from these very files.
 *
 * What was there is removed first: a stale manifest hides new commands, and a
 * stale file in `dist` would be shipped.
 */
import {spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {join} from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import {Config, Plugin} from '@oclif/core'
import {bundle} from './bundle.ts'
import {thirdPartyNotices} from './third-party.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const stamp = join(root, 'dist', '.build-stamp')
const wanted = inputsDigest()
const fresh = existsSync(stamp) && existsSync(join(root, 'oclif.manifest.json')) && readFileSync(stamp, 'utf8') === wanted
if (!(fresh && process.argv.includes('--if-stale'))) await build()

async function build(): Promise<void> {
  for (const output of ['dist', 'oclif.manifest.json']) rmSync(join(root, output), {recursive: true, force: true})
  writeTypes()
  writeFileSync(join(root, 'dist', 'third-party.txt'), thirdPartyNotices(await bundle(root)))
  await writeManifest()
  chmodSync(join(root, 'bin', 'run.js'), 0o755)
  writeFileSync(stamp, wanted)
}

/** Of everything that decides what is built. */
function inputsDigest(): string {
  const digest = createHash('sha256').update(process.version)
  const sources = readdirSync(join(root, 'src'), {recursive: true, withFileTypes: true}).filter((entry) => entry.isFile())
  const files = sources.map((entry) => join(entry.parentPath, entry.name)).toSorted()
  for (const file of [
    ...files,
    ...['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build.ts', 'scripts/bundle.ts', 'scripts/third-party.ts'].map(
      (name) => join(root, name),
    ),
  ])
    digest.update(`\n${file}\n`).update(readFileSync(file))
  return digest.digest('hex')
}

function writeTypes(): void {
  const compiler = join(createRequire(import.meta.url).resolve('typescript/package.json'), '..', 'bin', 'tsc')
  const {status} = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {cwd: root, stdio: ['ignore', 'inherit', 'inherit']})
  if (status === 0) return
  // Half an output must not look like a build.
  rmSync(join(root, 'dist'), {recursive: true, force: true})
  process.exit(1)
}

/** The commands as oclif would find them, so that it need not load any to answer `--help`. */
async function writeManifest(): Promise<void> {
  await Config.load(root)
  const plugin = new Plugin({root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true, respectNoCacheDefault: true})
  await plugin.load()
  // In the order of their names: a folder lists them in an order of its own, and the same sources give the same bytes.
  const {commands, ...others} = plugin.manifest
  const sorted = Object.fromEntries(Object.entries(commands).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(join(root, 'oclif.manifest.json'), `${JSON.stringify({commands: sorted, ...others}, null, 2)}\n`)
}
