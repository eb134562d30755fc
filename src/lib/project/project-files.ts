/** The folder of a project: its configuration, its key, and what git makes of them. */
import {randomUUID} from 'node:crypto'
import {access, constants, mkdir, open, readFile, rename, rm, stat} from 'node:fs/promises'
import {dirname, relative} from 'node:path'
import type {RunGit} from '../ci/git.ts'
import {AppError} from '../errors.ts'
import type {ProjectFiles} from '../ports/context.ts'

/** @param gitIn git, run in a folder */
export function projectFiles(gitIn: (folder: string) => RunGit): ProjectFiles {
  return {
    async read(path) {
      try {
        return await readFile(path)
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined
        throw new AppError('usage.input', `cannot read ${path} (${codeOf(error)})`, {cause: error})
      }
    },
    async writeNew(path, bytes, mode) {
      await write(path, bytes, mode)
    },
    async replace(path, bytes, mode = 0o644) {
      const aside = `${path}.${randomUUID()}.tmp`
      try {
        await write(aside, bytes, mode)
        await rename(aside, path)
      } catch (error) {
        await rm(aside, {force: true})
        throw error instanceof AppError ? error : new AppError('usage.input', `cannot write ${path} (${codeOf(error)})`, {cause: error})
      }
    },
    makeFolder,
    async tracking(path) {
      const folder = await nearestFolder(dirname(path))
      const git = gitIn(folder)
      // The slash at the end tells git that a folder is meant.
      const name = `${relative(folder, path)}${path.endsWith('/') ? '/' : ''}`
      if ((await git(['rev-parse', '--is-inside-work-tree']))?.stdout.trim() !== 'true') return 'no-repository'
      const listed = await git(['ls-files', '--error-unmatch', '--', name])
      if (listed?.exitCode === 0) return 'tracked'
      // 1 is "not ignored"; anything else is no answer, and counts as the worse.
      return (await git(['check-ignore', '--quiet', '--no-index', '--', name]))?.exitCode === 0 ? 'ignored' : 'untracked'
    },
  }
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, {recursive: true}).catch((error: unknown) => {
    throw new AppError('usage.input', `cannot make the folder ${folder} (${codeOf(error)})`, {cause: error})
  })
  await access(folder, constants.W_OK).catch((error: unknown) => {
    throw new AppError('usage.input', `cannot write into the folder ${folder} (${codeOf(error)})`, {cause: error})
  })
}

/** Git runs only in a folder that is there. */
async function nearestFolder(folder: string): Promise<string> {
  const there = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  )
  return there || dirname(folder) === folder ? folder : nearestFolder(dirname(folder))
}

/** Creates the file, which must not be there, follows no link, and leaves nothing where it fails. */
async function write(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  let made = false
  await makeFolder(dirname(path))
  try {
    await using handle = await open(path, 'wx', mode)
    made = true
    // The mask of the process may take bits away; nothing may add any.
    await handle.chmod(mode)
    await handle.writeFile(bytes)
    await handle.sync()
  } catch (error) {
    if (made) await rm(path, {force: true})
    if (codeOf(error) === 'EEXIST') throw new AppError('config.exists', `${path} is there already`, {cause: error})
    throw new AppError('usage.input', `cannot write ${path} (${codeOf(error)})`, {cause: error})
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
