/**
 * An image as a layout of its own in a private scratch folder, for scanners.
 *
 * Scanners trust the layers of a layout on disk, and of several images in one
 * layout they take the first or none. What they get here is one image whose
 * every byte was hashed on its way, and which nobody else can change afterwards.
 */
import {rmSync} from 'node:fs'
import {chmod, mkdtemp, open, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {AppError} from '../errors.ts'
import {copyImage} from '../images/copy-image.ts'
import type {ImageStore} from '../ports/images.ts'
import {errorCode} from './error-code.ts'
import {createLayout, openLayout} from './layout.ts'
import {makeFolder, readRange, writeAtomically} from './layout-files.ts'
import {tarMembers} from './tar-members.ts'

export interface Checkout {
  readonly store: ImageStore
  /** Absolute path of the layout. */
  readonly path: string
  remove(): Promise<void>
}

/** @param digest of one platform's manifest. @throws AppError `image.*`, `registry.*`, `layout.not-written` */
export async function checkOutImage(source: ImageStore, digest: string): Promise<Checkout> {
  return inScratch(async (folder) => {
    const store = await createLayout(folder)
    await copyImage(source, store, digest, {referrers: false})
    return store
  })
}

const MEMBER = /^(?:oci-layout|index\.json|blobs\/sha256\/[0-9a-f]{64})$/

/** Unpacks an OCI archive: only what belongs to a layout, and never a link. Nothing is verified yet. @throws AppError `image.corrupt`, `layout.not-written` */
export async function unpackArchive(path: string): Promise<Checkout> {
  return inScratch(async (folder) => {
    await makeFolder(join(folder, 'blobs', 'sha256'))
    const archive = await openArchive(path)
    try {
      for await (const {name, isFile, size, offset} of tarMembers(archive)) {
        if (isFile && MEMBER.test(name)) await writeAtomically(join(folder, name), readRange(archive, offset, size))
      }
    } finally {
      await archive.close()
    }
    return openLayout(folder)
  })
}

async function openArchive(path: string) {
  try {
    return await open(path, 'r')
  } catch (error) {
    throw new AppError('usage.target', `${path} cannot be read: ${errorCode(error) ?? String(error)}`, {cause: error})
  }
}

/** The folder goes with the process too: a copy of an image must not outlive an interrupted command. */
async function inScratch(fill: (folder: string) => Promise<ImageStore>): Promise<Checkout> {
  const folder = await mkdtemp(join(tmpdir(), 'hipaa-ci-image-'))
  const atExit = () => rmSync(folder, {recursive: true, force: true})
  process.once('exit', atExit)
  const remove = async () => {
    await rm(folder, {recursive: true, force: true})
    process.off('exit', atExit)
  }
  try {
    await chmod(folder, 0o700)
    const store = await fill(folder)
    return {store, path: store.location, remove}
  } catch (error) {
    await remove()
    throw error
  }
}
