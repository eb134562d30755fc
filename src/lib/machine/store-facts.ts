/** The state of a folder store, read without opening it: there, writable, how much room, and its newest record by name. */
import {constants} from 'node:fs'
import {access, readdir, stat, statfs} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {AppError} from '../errors.ts'
import {folderPath} from '../evidence/store-address.ts'
import {RECORDS, parseRecordKey, ulidTime} from '../evidence/key.ts'
import type {StoreFacts} from '../ports/machine.ts'

/** @param address `folder:/absolute/path`. @throws AppError `store.unsupported`, `store.unreachable` */
export async function storeFacts(address: string): Promise<StoreFacts> {
  const path = folderPath(address)
  try {
    const nearest = await nearestFolder(path)
    const [{bavail, bsize}, writable, newest] = await Promise.all([statfs(nearest), isWritable(nearest), newestRecord(path)])
    return {exists: nearest === path, writable, freeBytes: bavail * bsize, ...(newest !== undefined && {newestRecord: newest})}
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('store.unreachable', `cannot look at ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {cause})
  }
}

/** The folder itself, or the first above it that is there. */
async function nearestFolder(path: string): Promise<string> {
  const entry = await stat(path).catch(absent)
  if (entry?.isDirectory() === false) throw new AppError('store.unreachable', `${path} is no folder`)
  return entry === undefined && dirname(path) !== path ? nearestFolder(dirname(path)) : path
}

async function isWritable(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** By the last day of each stream: names hold the time, and no record is read. */
async function newestRecord(root: string): Promise<string | undefined> {
  const streams = await names(join(root, RECORDS))
  const times = await Promise.all(
    streams.map(async (stream) => {
      const day = (await names(join(root, RECORDS, stream))).toSorted().at(-1)
      const keys = day === undefined ? [] : (await names(join(root, RECORDS, stream, day))).map((name) => parseRecordKey(`${RECORDS}${stream}/${day}/${name}`))
      return Math.max(0, ...keys.map((key) => (key === undefined ? 0 : ulidTime(key.id))))
    }),
  )
  const newest = Math.max(0, ...times)
  return newest === 0 ? undefined : new Date(newest).toISOString()
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(absent)) ?? []
}

/** Nothing there is an answer; anything else is not. */
function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined
  throw error
}
