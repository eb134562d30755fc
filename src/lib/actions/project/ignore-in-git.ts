/** Adds lines to `.gitignore` and asks git whether they hold. */
import {basename, join} from 'node:path'
import {AppError} from '../../errors.ts'
import type {SetupContext} from '../../ports/context.ts'
import {PRIVATE_KEY} from './config-text.ts'

/**
 * The lines that were added; those that git follows already are left out.
 * @param lines paths from `folder`, each with a leading slash
 * @throws AppError `usage.input` where git would still take the private key in
 */
export async function ignoreInGit(folder: string, lines: readonly string[], {project}: SetupContext): Promise<string[]> {
  const path = (line: string) => join(folder, line)
  const key = path(PRIVATE_KEY)
  if ((await project.tracking(key)) === 'tracked')
    throw new AppError('usage.input', `${key} is under version control: a private key must not be`, {
      fix: `git rm --cached ${PRIVATE_KEY}, and make a new key: this one is in the history.`,
    })
  const states = await Promise.all(lines.map(async (line) => ({line, state: await project.tracking(path(line))})))
  // Outside of a repository only the key is worth a line: there may be one later.
  const wanted = states.filter(({line, state}) => state === 'untracked' || (state === 'no-repository' && basename(line) === PRIVATE_KEY))
  const file = join(folder, '.gitignore')
  const before = new TextDecoder().decode((await project.read(file)) ?? new Uint8Array())
  const added = wanted.map(({line}) => line).filter((line) => !before.split(/\r?\n/).includes(line))
  if (added.length > 0) await project.replace(file, Buffer.from(`${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${added.join('\n')}\n`))
  if (lines.includes(`/${PRIVATE_KEY}`) && (await project.tracking(key)) === 'untracked')
    throw new AppError('usage.input', `git would take ${key} in, in spite of the line in ${file}`, {
      fix: 'Look for a line that begins with "!" in a .gitignore.',
    })
  return added
}
