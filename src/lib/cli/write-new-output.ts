/** A result into a file that is not there yet: what is there is never replaced, unless it is the same. */
import {mkdir, readFile} from 'node:fs/promises'
import {dirname} from 'node:path'
import {AppError} from '../errors.ts'
import {writeOutput} from './write-output.ts'

/** @param flag that names it. @throws AppError `usage.flag` where something else is there, or it cannot be written */
export async function writeNewOutput(path: string, text: string, flag = '--out'): Promise<void> {
  const there = await contentOf(path, flag)
  if (there === text) return
  if (there !== undefined)
    throw new AppError('usage.flag', `${flag} ${path} is there already, and is something else`, {fix: 'Name another file, or remove it first.'})
  await makeFolder(path, flag)
  await writeOutput(path, text, flag)
}

async function contentOf(path: string, flag: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const code = codeOf(cause)
    if (code === 'ENOENT') return undefined
    throw new AppError('usage.flag', `${flag} ${path} cannot be written: ${code === 'EISDIR' ? 'it is a folder; add a slash to write into it' : code}`, {cause})
  }
}

async function makeFolder(path: string, flag: string): Promise<void> {
  try {
    await mkdir(dirname(path), {recursive: true})
  } catch (cause) {
    throw new AppError('usage.flag', `${flag} ${path} cannot be written: ${codeOf(cause)}`, {cause})
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
