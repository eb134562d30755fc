/**
 * Everything in a folder store but scratch files, as keys in byte order, one folder at a time.
 *
 * Also what is no evidence: stray files, links (never followed), pipes, folders
 * with a name that is no UTF-8. Whoever verifies must see it.
 */
import type {Dirent} from 'node:fs'
import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {AppError} from '../errors.ts'
import {SCRATCH} from './folder-scratch.ts'
import {errorCode, storeError} from './store-error.ts'

interface Entry {
  /** With a final slash where it is a folder to go into: then names sort as their keys do. */
  readonly name: string
  readonly bytes: Buffer
}

/** @throws AppError `store.unreachable`, also where there is no store: an empty answer would look like an empty store */
export async function* listFolder(root: string, prefix: string): AsyncIterable<string> {
  let entries: Entry[]
  try {
    entries = await entriesOf(root)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw storeError('list', root, error)
    throw new AppError('store.unreachable', `there is no evidence store at ${root}`, {
      cause: error,
      fix: 'Record something first (any command that writes evidence makes the store), or correct --store.',
    })
  }
  yield* walk(
    root,
    '',
    entries.filter(({name}) => name !== `${SCRATCH}/`),
    prefix,
  )
}

async function* walk(root: string, folder: string, entries: readonly Entry[], prefix: string): AsyncIterable<string> {
  for (const {name} of entries) {
    const key = folder + name
    if (!key.endsWith('/')) {
      if (key.startsWith(prefix)) yield key
    } else if (key.startsWith(prefix) || prefix.startsWith(key)) {
      // oxlint-disable-next-line no-await-in-loop -- one folder at a time, in order
      yield* walk(root, key, await entriesBelow(root, key), prefix)
    }
  }
}

async function entriesBelow(root: string, key: string): Promise<Entry[]> {
  try {
    return await entriesOf(join(root, key))
  } catch (error) {
    throw storeError('list', join(root, key), error)
  }
}

async function entriesOf(path: string): Promise<Entry[]> {
  const found: Dirent<Buffer>[] = await readdir(path, {withFileTypes: true, encoding: 'buffer'})
  return found.map(toEntry).toSorted((a, b) => Buffer.compare(a.bytes, b.bytes))
}

function toEntry(found: Dirent<Buffer>): Entry {
  const text = found.name.toString('utf8')
  const isFolder = found.isDirectory() && Buffer.from(text, 'utf8').equals(found.name)
  return {name: isFolder ? `${text}/` : text, bytes: isFolder ? Buffer.concat([found.name, Buffer.from('/')]) : found.name}
}
