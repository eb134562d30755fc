/**
 * Where a tool may lie: absolute folders of PATH in their order, then what set-up built, newest version first.
 *
 * Rules: a program inside the working folder, or that links into it, is untrusted: a change under test could have put
 * it there. `node_modules/.bin` is no place for these tools. Set-up's folder counts only with its stamp.
 */
import {constants} from 'node:fs'
import {access, readFile, readdir, realpath, stat} from 'node:fs/promises'
import {delimiter, dirname, isAbsolute, join, sep} from 'node:path'
import process from 'node:process'
import {compare, valid} from 'semver'
import {z} from 'zod'
import {cacheFolder, type Environment} from './cache-folder.ts'
import {errorCode} from './error-code.ts'

export interface Candidate {
  readonly from: 'path' | 'cache'
  /** Where it was found. */
  readonly path: string
  /** Where that leads. */
  readonly real: string
  readonly untrusted: boolean
  /** What set-up wrote down when it built it. */
  readonly sha256?: string
}

export interface Place {
  readonly cwd: string
  readonly env: Environment
}

/** `tool.json`, written last by set-up. */
const Stamp = z.object({version: z.string(), sha256: z.string()})

/** Every place where `tool` lies and can be executed, best first. */
export async function candidates(tool: string, {cwd, env}: Place): Promise<Candidate[]> {
  const name = process.platform === 'win32' ? `${tool}.exe` : tool
  const cache = cacheFolder(env)
  const [fences, ours] = await Promise.all([workingFolders(cwd, env['HOME']), realpath(cache).catch(() => cache)])
  const isUntrusted = (path: string) => fences.some((fence) => isInside(path, fence)) && !isInside(path, ours)
  const found: Candidate[] = []
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    if (!isAbsolute(folder) || folder.includes(join('node_modules', '.bin'))) continue
    const file = await executable(folder, name)
    if (file !== undefined) found.push({from: 'path', path: join(folder, name), real: file.real, untrusted: isUntrusted(file.real) || isUntrusted(file.entry)})
  }
  for (const {folder, sha256} of await builtFolders(join(cache, 'tools', tool))) {
    const file = await executable(join(folder, 'bin'), name)
    if (file !== undefined) found.push({from: 'cache', path: join(folder, 'bin', name), real: file.real, untrusted: isUntrusted(file.real), sha256})
  }
  return found
}

/** The working folder and the checkout around it, as real paths. The root folder is nobody's checkout, and one's home is no change under test. */
async function workingFolders(cwd: string, home: string | undefined): Promise<string[]> {
  const start = await realpath(cwd)
  const fences = [start]
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder))
    if (folder !== home && (await stat(join(folder, '.git')).catch(() => undefined)) !== undefined) fences.push(folder)
  return fences.filter((folder) => folder !== dirname(folder))
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)
}

/** `entry` is the name in its real folder, `real` what it links to. */
async function executable(folder: string, name: string): Promise<{entry: string; real: string} | undefined> {
  try {
    const real = await realpath(join(folder, name))
    await access(real, constants.X_OK)
    return (await stat(real)).isFile() ? {entry: join(await realpath(folder), name), real} : undefined
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG'].includes(errorCode(error))) return undefined
    throw error
  }
}

/** Finished builds, newest version first. */
async function builtFolders(folder: string): Promise<{folder: string; version: string; sha256: string}[]> {
  const names = await readdir(folder).catch(() => [])
  const stamped = await Promise.all(names.map(async (name) => readStamp(join(folder, name))))
  return stamped.filter((built) => built !== undefined).toSorted((one, other) => compare(other.version, one.version) || one.folder.localeCompare(other.folder))
}

async function readStamp(folder: string): Promise<{folder: string; version: string; sha256: string} | undefined> {
  try {
    const {version, sha256} = Stamp.parse(JSON.parse(await readFile(join(folder, 'tool.json'), 'utf8')))
    return valid(version) === null ? undefined : {folder, version, sha256}
  } catch {
    // No stamp, or a torn one: an unfinished build, which is not used.
    return undefined
  }
}
