/**
 * What the image of hipaa-ci itself holds, below `app/`: what is published to npm, of the packages that are installed
 * beside it what its server loads, and of those that are bundled into it the `package.json`, so that a scanner of the
 * image finds them.
 */
import {execFileSync} from 'node:child_process'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {z} from 'zod'
import {BESIDE} from '../bundle.ts'
import {bundledPackages} from '../third-party.ts'
import type {FileContent, FileMap} from './tar.ts'

export const OWN_FOLDER = 'app'
/** Answers questions over an index, which no server does, and weighs more than all the rest. */
const NOT_SERVED = /^@duckdb\//
/** Types, and a second copy for bundlers: Node loads neither. */
const NEVER_LOADED = /(?:^|\/)dist-(?:types|es)\/|\.d\.[cm]?ts$|\.map$/

const Packed = z.tuple([z.looseObject({files: z.array(z.looseObject({path: z.string(), mode: z.int()}))})])
const Installed = z.looseObject({version: z.string().optional(), dependencies: z.record(z.string(), z.string()).optional()})
const Lock = z.looseObject({packages: z.record(z.string(), Installed)})
type Lock = z.infer<typeof Lock>['packages']

/**
 * @param root of the checkout, built and with its packages installed
 * @throws where a file or package is not there
 */
export function ownFiles(root: string): FileMap {
  const lock = Lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))).packages
  const served = withTheirOwn(
    lock,
    Object.keys(lock['']?.dependencies ?? {}).filter((name) => BESIDE.some((pattern) => pattern.test(name)) && !NOT_SERVED.test(name)),
  )
  const files = [...packedFiles(root), ...bundledFiles(root, lock), ...served.flatMap((folder) => packageFiles(root, folder))]
  return Object.fromEntries(files.map(([path, content]) => [`${OWN_FOLDER}/${path}`, content]))
}

/** As npm would pack it; the build is there already. */
function packedFiles(root: string): (readonly [string, FileContent])[] {
  const argv = ['pack', '--dry-run', '--ignore-scripts', '--json']
  const [{files}] = Packed.parse(JSON.parse(execFileSync('npm', argv, {cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']})))
  if (!files.some(({path}) => path === 'dist/index.js')) throw new Error('this checkout is not built: npm run build')
  return files.map(({path, mode}) => [path, {content: readFileSync(join(root, path)), mode: (mode & 0o111) === 0 ? 0o644 : 0o755}])
}

function bundledFiles(root: string, lock: Lock): (readonly [string, FileContent])[] {
  const paths = new Map(Object.entries(lock).map(([path, {version}]) => [`${nameOf(path)}@${version}`, path]))
  return bundledPackages(readFileSync(join(root, 'dist', 'third-party.txt'), 'utf8')).map((title) => {
    const path = paths.get(title)
    if (path === undefined) throw new Error(`bundled, and not in package-lock.json: ${title}`)
    return [`${path}/package.json`, readFileSync(join(root, path, 'package.json'))]
  })
}

function packageFiles(root: string, folder: string): (readonly [string, FileContent])[] {
  return readdirSync(join(root, folder), {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replace(/^\//, ''))
    .filter((path) => !NEVER_LOADED.test(path) && !path.slice(folder.length + 1).startsWith('node_modules/'))
    .map((path) => [path, readFileSync(join(root, path))])
}

/** Folders of the packages, and of all that these depend on. */
function withTheirOwn(lock: Lock, names: readonly string[]): readonly string[] {
  const found = new Set<string>()
  const add = (name: string, from: string): void => {
    const folder = nearest(lock, name, from)
    if (found.has(folder)) return
    found.add(folder)
    for (const needed of Object.keys(lock[folder]?.dependencies ?? {})) add(needed, folder)
  }
  for (const name of names) add(name, '')
  return [...found]
}

/** Where Node finds it from there. */
function nearest(lock: Lock, name: string, from: string): string {
  const folder = from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`
  if (lock[folder] !== undefined) return folder
  if (from === '') throw new Error(`package-lock.json does not know ${name}`)
  const above = from.lastIndexOf('/node_modules/')
  return nearest(lock, name, above === -1 ? '' : from.slice(0, above))
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}
