/** Where `hipaa-ci.yaml` is: named by flag or variable, else in the working folder or the nearest one above it. */
import {dirname, join, resolve} from 'node:path'
import {AppError} from '../errors.ts'
import {shellQuoted} from '../evidence/shell-quoted.ts'
import {readPlainFile} from './plain-file.ts'
import type {Environment} from './variables.ts'

export const CONFIG_FILE = 'hipaa-ci.yaml'
/** Easily written instead. Passing over it would mean defaults where somebody set limits. */
const NOT_READ = 'hipaa-ci.yml'
const MAX_BYTES = 1024 * 1024

export interface FoundFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/** @throws AppError `config.missing`, `config.invalid`, `usage.empty` */
export async function findConfigFile(cwd: string, named: string | undefined, env: Environment): Promise<FoundFile | undefined> {
  const name = named ?? env['HIPAA_CI_CONFIG']
  if (name !== undefined) {
    const from = named === undefined ? 'HIPAA_CI_CONFIG' : '--config'
    if (name.trim() === '') throw new AppError('usage.empty', `${from} is empty`)
    const found = await read(resolve(cwd, name))
    if (found === undefined)
      throw new AppError('config.missing', `there is no configuration file ${name}${named === undefined ? `, which ${from} names` : ''}`, {
        fix: `Name the file that is there, or let this one be written: hipaa-ci init --file ${shellQuoted(name)}`,
      })
    return found
  }
  const folders = foldersAbove(resolve(cwd))
  const found = await Promise.all(folders.flatMap((folder) => [CONFIG_FILE, NOT_READ].map(async (file) => read(join(folder, file)))))
  const nearest = found.find((file) => file !== undefined)
  if (nearest?.path.endsWith(NOT_READ) === true)
    throw new AppError('config.invalid', `${nearest.path} is not read: the name is ${CONFIG_FILE}`, {
      fix: `mv ${nearest.path} ${join(dirname(nearest.path), CONFIG_FILE)}`,
    })
  return nearest
}

async function read(path: string): Promise<FoundFile | undefined> {
  const file = await readPlainFile(path, MAX_BYTES)
  if (file.kind === 'unreadable') throw new AppError('config.invalid', `${path} ${file.why}`, {cause: file.cause})
  return file.kind === 'absent' ? undefined : {path, bytes: file.bytes}
}

/** `folder` and all above it, nearest first. */
function foldersAbove(folder: string): string[] {
  const above = dirname(folder)
  return above === folder ? [folder] : [folder, ...foldersAbove(above)]
}
