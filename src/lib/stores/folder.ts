/**
 * The evidence store as a folder: `openFolderStore(path)`.
 *
 * Rules: a file is written under `tmp/`, flushed, and linked to its final name,
 * so a reader sees nothing or all of it, and a name once taken stays taken.
 * Folders are flushed too, new ones up to the store's root. Nothing outside the
 * root is ever read or written, whatever symbolic links lie in it. A reader
 * changes nothing: only the first put makes folders and clears old scratch files.
 * Tamper-evident once a checkpoint is kept elsewhere; not tamper-proof.
 */
import {constants} from 'node:fs'
import {link, lstat, mkdir, open, realpath, unlink, type FileHandle} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {AppError} from '../errors.ts'
import type {EvidenceStore, ObjectVersion} from '../ports/evidence-store.ts'
import {atMost} from './at-most.ts'
import {listFolder} from './folder-list.ts'
import {clearScratch, scratchName, SCRATCH} from './folder-scratch.ts'
import {flushFolder} from './flush.ts'
import {errorCode, storeError} from './store-error.ts'

/** Segments that no file system reads as anything but a name. */
const KEY = /^[A-Za-z0-9=_-][A-Za-z0-9.=_-]*(?:\/[A-Za-z0-9=_-][A-Za-z0-9.=_-]*)+$/

/** What a test may replace: the one call that fills a file. */
export interface FolderSeams {
  readonly fill: (file: FileHandle, bytes: Uint8Array) => Promise<void>
}

/** Files that are written at the same time: each waits for the disk, and does so in one of the four threads that a server's own log has to get through, too. */
const AT_ONCE = 2

const SEAMS: FolderSeams = {fill: (file, bytes) => file.writeFile(bytes)}

/** @param path of the folder; it need not be there before the first put */
export function openFolderStore(path: string, {fill}: FolderSeams = SEAMS): EvidenceStore {
  const root = resolve(path)
  const ready = new Set<string>()
  const writing = atMost(AT_ONCE)
  let prepared: Promise<void> | undefined

  return {
    address: `folder:${root}`,
    async put(key, bytes) {
      const final = pathOf(root, key)
      try {
        prepared ??= prepare(root)
        await prepared
        const folder = dirname(final)
        if (!ready.has(folder)) await makeFolder(root, folder)
        ready.add(folder)
        return await writing(async () => writeOnce(root, final, (file) => fill(file, bytes)))
      } catch (error) {
        prepared = undefined
        ready.clear()
        throw storeError('write', final, error)
      }
    },
    async get(key) {
      const final = pathOf(root, key)
      try {
        await refuseOutside(root, dirname(final))
        // Neither a link nor a pipe that would block.
        await using file = await open(final, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
        if (!(await file.stat()).isFile()) return undefined
        return await file.readFile()
      } catch (error) {
        if (isAbsent(error)) return undefined
        throw storeError('read', final, error)
      }
    },
    list: (prefix) => listFolder(root, prefix),
    async *versions(prefix, after = '') {
      for await (const key of listFolder(root, prefix)) if (Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0) yield await describe(root, key)
    },
    async read(key) {
      const bytes = await this.get(key)
      return bytes === undefined ? undefined : {bytes, lastModified: (await describe(root, key)).lastModified}
    },
  }
}

function pathOf(root: string, key: string): string {
  if (!KEY.test(key) || key.startsWith(`${SCRATCH}/`)) throw new AppError('bug', `${JSON.stringify(key)} is not a key of the evidence store`)
  return join(root, key)
}

async function prepare(root: string): Promise<void> {
  const above = dirname(root)
  const first = await mkdir(above, {recursive: true})
  if (first !== undefined) await flushUpTo(above, dirname(first))
  for (const folder of [root, join(root, SCRATCH)]) {
    // oxlint-disable-next-line no-await-in-loop -- the second lies in the first
    await makeOne(folder)
  }
  await refuseOutside(root, join(root, SCRATCH))
  await clearScratch(join(root, SCRATCH))
}

/** Makes `folder` and what is missing above it, down from `root`, each made durable in its parent. */
async function makeFolder(root: string, folder: string): Promise<void> {
  if (folder === root) return
  await makeFolder(root, dirname(folder))
  await makeOne(folder)
  await refuseOutside(root, folder)
}

async function makeOne(folder: string): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  }
  // Also where it was there: whoever made it may not have come so far.
  await flushFolder(dirname(folder))
}

async function flushUpTo(folder: string, top: string): Promise<void> {
  await flushFolder(folder)
  if (folder !== top && folder !== dirname(folder)) await flushUpTo(dirname(folder), top)
}

async function writeOnce(root: string, final: string, fill: (file: FileHandle) => Promise<void>): Promise<'written' | 'present'> {
  const scratch = join(root, SCRATCH, scratchName())
  try {
    await using file = await open(scratch, 'wx', 0o444)
    await fill(file)
    await file.sync()
    await link(scratch, final)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
    if (!(await lstat(final)).isFile()) throw new AppError('store.unreachable', `${final} is taken by something that is not a file`, {cause: error})
    // Whoever linked it may not have flushed the folder yet, and "present" promises that it is there to stay.
    await flushFolder(dirname(final))
    return 'present'
  } finally {
    await removeScratch(scratch)
  }
  await flushFolder(dirname(final))
  return 'written'
}

async function removeScratch(scratch: string): Promise<void> {
  try {
    await unlink(scratch)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}

/** A link in place of a folder would lead elsewhere. */
async function refuseOutside(root: string, folder: string): Promise<void> {
  const [realRoot, real] = await Promise.all([realpath(root), realpath(folder)])
  if (real !== join(realRoot, folder.slice(root.length)))
    throw new AppError('store.unreachable', `${folder} is a link that leads to ${real}, out of its place in the store`)
}

/** A folder keeps one version of each file, and what time it has is its writer's. */
async function describe(root: string, key: string): Promise<ObjectVersion> {
  try {
    const entry = await lstat(join(root, key))
    return {key, kind: 'object', latest: true, size: entry.isFile() ? entry.size : 0, lastModified: entry.mtime.toISOString()}
  } catch (error) {
    // A name that is no UTF-8 cannot be asked for; it is listed all the same, so that nobody hides the rest behind it.
    if (key.includes('\uFFFD') && errorCode(error) === 'ENOENT') return {key, kind: 'object', latest: true, size: 0, lastModified: new Date(0).toISOString()}
    throw storeError('read', join(root, key), error)
  }
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENXIO', 'EMLINK'].includes(errorCode(error))
}
