/**
 * The spool: a folder in which evidence waits while the store is out of reach, `openSpool(path, address)`.
 *
 * Rules: it is laid out and written as a folder store, so whatever is in it is whole. Beside that it holds `spool.txt`,
 * made before anything else: without it a folder is no spool, or a flush could be told to empty an evidence store. It names
 * the store that the evidence is for. Git ignores the spool. It never lies in the store, nor the store in it.
 */
import {lstat, readdir, realpath, unlink} from 'node:fs/promises'
import {basename, dirname, join, resolve, sep} from 'node:path'
import {AppError} from '../errors.ts'
import {parseBlobKey, parseRecordKey} from '../evidence/key.ts'
import {parseStoreAddress, storeName} from '../evidence/store-address.ts'
import type {Spool} from '../ports/spool.ts'
import {flushFolder} from './flush.ts'
import {openFolderStore, type FolderSeams} from './folder.ts'
import {IGNORE, MARK, markedFor, markSpool, remarkSpool} from './spool-mark.ts'
import {errorCode, storeError} from './store-error.ts'

/**
 * @param path it need not be there before the first put
 * @param address of the store, whose paths are absolute
 * @throws AppError `spool.unusable`
 */
export async function openSpool(path: string, address: string, seams?: FolderSeams): Promise<Spool> {
  const root = resolve(path)
  const place = parseStoreAddress(address)
  if (place.kind === 'folder') await refuseShared(root, resolve(place.path))
  await refuseOther(root)
  const folder = openFolderStore(root, seams)
  let marked: Promise<void> | undefined
  const list = async function* (prefix: string) {
    if (await isThere(root)) for await (const key of folder.list(prefix)) if (key !== MARK && key !== IGNORE) yield key
  }
  return {
    path: root,
    async waitsFor() {
      try {
        return await markedFor(root)
      } catch (error) {
        throw storeError('read', join(root, MARK), error)
      }
    },
    list,
    async get(key) {
      const bytes = await folder.get(key)
      if (bytes === undefined && (await isThere(join(root, key)))) throw new AppError('record.unknown-object', `${join(root, key)} is no file`)
      return bytes
    },
    async put(key, bytes) {
      try {
        await (marked ??= mark(root, storeName(address), async () => (await list('').next()).done === true))
      } catch (error) {
        marked = undefined
        throw storeError('write', join(root, MARK), error)
      }
      return folder.put(key, bytes)
    },
    async remove(key) {
      if (parseRecordKey(key) === undefined && parseBlobKey(key) === undefined) throw new AppError('bug', `${JSON.stringify(key)} is not evidence`)
      await removeDurably(join(root, key))
    },
  }
}

/** In one another, or the same: what waits would count as stored, and what is stored as waiting. */
async function refuseShared(root: string, store: string): Promise<void> {
  const [spool, evidence] = await Promise.all([realPlace(root), realPlace(store)])
  if (isWithin(spool, evidence) || isWithin(evidence, spool))
    throw new AppError('spool.unusable', `the spool ${root} and the store ${store} lie in one another`)
}

function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep)
}

/** The real path of what may not be there yet. */
async function realPlace(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (dirname(path) === path || !['ENOENT', 'ENOTDIR', 'EACCES'].includes(errorCode(error))) throw unusable(path, errorCode(error), error)
    return join(await realPlace(dirname(path)), basename(path))
  }
}

async function refuseOther(root: string): Promise<void> {
  let names: string[]
  try {
    names = await readdir(root)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return
    throw unusable(root, errorCode(error) === 'ENOTDIR' ? 'it is no folder' : errorCode(error), error)
  }
  if (names.length > 0 && !names.includes(MARK)) throw unusable(root, `it holds ${names[0]}, and no ${MARK}: it is no spool`)
}

function unusable(path: string, why: string, cause?: unknown): AppError {
  return new AppError('spool.unusable', `cannot use ${path} as a spool: ${why}`, {cause})
}

/** @throws AppError `spool.unusable` where evidence for another store waits */
async function mark(root: string, store: string, isEmpty: () => Promise<boolean>): Promise<void> {
  const other = await markSpool(root, store)
  if (other === store) return
  if (!(await isEmpty()))
    throw new AppError('spool.unusable', `evidence for ${other ?? 'a store that its spool.txt does not name'} waits in ${root}, and this is for ${store}`)
  await remarkSpool(root, store)
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return false
    throw storeError('read', path, error)
  }
}

async function removeDurably(path: string): Promise<void> {
  try {
    await unlink(path)
    await flushFolder(dirname(path))
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw storeError('write', path, error)
  }
}
