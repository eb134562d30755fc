/** All files in a folder that a person names, at any depth. Links are not followed: a folder that somebody sent may hold any. */
import {lstat, readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {AppError} from '../errors.ts'
import {errorCode} from './store-error.ts'

/** @returns sorted; undefined where `path` is no folder. @throws AppError `usage.input` */
export async function filesIn(path: string): Promise<readonly string[] | undefined> {
  try {
    if (!(await lstat(path)).isDirectory()) return undefined
    const entries = await readdir(path, {recursive: true, withFileTypes: true})
    return entries
      .filter((entry) => entry.isFile())
      .map(({parentPath, name}) => join(parentPath, name))
      .toSorted()
  } catch (cause) {
    // The read that follows says that nothing is there.
    if (errorCode(cause) === 'ENOENT') return undefined
    throw new AppError('usage.input', `cannot look into ${path}: ${errorCode(cause)}`, {cause})
  }
}
