/**
 * What says that a folder is a spool, and for which store: `spool.txt`, beside a `.gitignore`.
 *
 * Evidence that waits for one store must not end in another. The name of the store is what stays the same on another
 * machine: bucket and prefix; a folder's path.
 */
import {randomBytes} from 'node:crypto'
import {mkdir, open, readFile, rename, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {flushFolder} from './flush.ts'
import {errorCode} from './store-error.ts'

export const MARK = 'spool.txt'
export const IGNORE = '.gitignore'

/** Makes `root` a spool for `store`. @returns the store that it is for by now: another one, where it was that before; undefined where its mark is torn */
export async function markSpool(root: string, store: string): Promise<string | undefined> {
  await mkdir(root, {recursive: true})
  await writeNew(join(root, MARK), markOf(store))
  await writeNew(join(root, IGNORE), '*\n')
  await flushFolder(root)
  return markedFor(root)
}

/** Of a spool in which nothing waits: from now on it is for `store`. */
export async function remarkSpool(root: string, store: string): Promise<void> {
  const aside = join(root, `.${randomBytes(6).toString('hex')}`)
  try {
    await writeNew(aside, markOf(store))
    await rename(aside, join(root, MARK))
  } finally {
    await rm(aside, {force: true})
  }
  await flushFolder(root)
}

/** The store that a spool is for; undefined where nothing says so. */
export async function markedFor(root: string): Promise<string | undefined> {
  try {
    // With its line end: a part of it is no name.
    return /^store: (.+)\n/m.exec(await readFile(join(root, MARK), 'utf8'))?.[1]
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function markOf(store: string): string {
  return `Evidence waits here for its store. Deliver it: hipaa-ci emit --flush --spool FOLDER\nstore: ${store}\n`
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await using file = await open(path, 'wx')
    await file.writeFile(text)
    await file.sync()
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  }
}
