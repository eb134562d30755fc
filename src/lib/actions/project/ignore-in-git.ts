/** Adds lines to `.gitignore` and asks git whether they hold. */
import {dirname, join, relative, sep} from 'node:path'
import {AppError} from '../../errors.ts'
import type {SetupContext} from '../../ports/context.ts'

export interface Ignored {
  /** The `.gitignore`. */
  readonly file: string
  /** Those that were added; what git follows already is left out. */
  readonly lines: readonly string[]
}

/** Paths from the folder of the `.gitignore`, with `/` between and no slash before. */
export interface ToIgnore {
  readonly keys: readonly string[]
  readonly others?: readonly string[]
}

/** @throws AppError `usage.input` where git would still take a private key in */
export async function ignoreInGit(folder: string, {keys, others = []}: ToIgnore, {project}: Pick<SetupContext, 'project'>): Promise<Ignored> {
  const file = join(folder, '.gitignore')
  for (const key of keys)
    if ((await project.tracking(join(folder, key))) === 'tracked')
      throw new AppError('usage.input', `${join(folder, key)} is under version control: a private key must not be`, {
        fix: `git rm --cached ${key}, and make a new key: this one is in the history.`,
      })
  const states = await Promise.all([...keys, ...others].map(async (path) => ({path, state: await project.tracking(join(folder, path))})))
  // Outside of a repository only the key is worth a line: there may be one later.
  const wanted = states.filter(({path, state}) => state === 'untracked' || (state === 'no-repository' && keys.includes(path)))
  const before = new TextDecoder().decode((await project.read(file)) ?? new Uint8Array())
  const lines = wanted.map(({path}) => ignoreLine(path)).filter((line) => !before.split(/\r?\n/).includes(line))
  if (lines.length > 0) await project.replace(file, Buffer.from(`${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${lines.join('\n')}\n`))
  for (const key of keys)
    if ((await project.tracking(join(folder, key))) === 'untracked')
      throw new AppError('usage.input', `git would take ${join(folder, key)} in, in spite of the line in ${file}`, {
        fix: 'Look for a line that begins with "!" in a .gitignore.',
      })
  return {file, lines}
}

/**
 * The same for one private key, in the first of the folders that it lies beneath; elsewhere beside it, where that is a repository.
 * @param key absolute, like the folders
 */
export async function ignorePrivateKey(key: string, folders: readonly string[], context: Pick<SetupContext, 'project'>): Promise<Ignored> {
  const {folder, path} = ignorePlace(key, folders)
  const isElsewhere = !folders.includes(folder)
  if (isElsewhere && (await context.project.tracking(key)) === 'no-repository') return {file: join(folder, '.gitignore'), lines: []}
  return ignoreInGit(folder, {keys: [path]}, context)
}

/** Where the line for a file belongs, and the path that it names. */
export function ignorePlace(file: string, folders: readonly string[]): {readonly folder: string; readonly path: string} {
  const folder = folders.find((one) => file.startsWith(one.endsWith(sep) ? one : `${one}${sep}`)) ?? dirname(file)
  return {folder, path: relative(folder, file).split(sep).join('/')}
}

/** `keys/new.key` -> `/keys/new.key`: this one, and none of that name elsewhere. */
export function ignoreLine(path: string): string {
  return `/${path.replaceAll(/[*?[\]\\]/g, String.raw`\$&`)}`
}
