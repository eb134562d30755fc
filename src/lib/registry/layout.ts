/**
 * An OCI image layout folder (image-spec 1.1, image-layout.md) as an image store.
 *
 * `index.json` names images by `org.opencontainers.image.ref.name`; manifests
 * with a `subject` in it are attachments. Nothing protects `index.json` itself:
 * a tag of a layout is only as good as the folder it lies in.
 */
import {lstat, realpath} from 'node:fs/promises'
import {join} from 'node:path'
import {AppError} from '../errors.ts'
import type {ImageStore} from '../ports/images.ts'
import {parseManifest} from '../images/manifest.ts'
import {readLayoutBlob, streamLayoutBlob, writeLayoutBlob, writeLayoutStream} from './layout-blobs.ts'
import {makeFolder, readBounded, writeAtomically} from './layout-files.ts'
import {addEntries, indexBytes, nameEntry} from './layout-index.ts'
import {layoutReferrers, resolveInLayout} from './layout-manifests.ts'
import {DEFAULTS} from './settings.ts'

const MARKER = 'oci-layout'

/** @throws AppError `usage.target`, `image.corrupt` */
export async function openLayout(path: string): Promise<ImageStore> {
  const root = await realRoot(path)
  await checkLayout(root)
  return {
    kind: 'layout',
    repository: undefined,
    location: root,
    resolve: (reference) => resolveInLayout(root, reference),
    blob: (descriptor) => readLayoutBlob(root, descriptor, DEFAULTS.blobMax),
    streamBlob: (descriptor) => streamLayoutBlob(root, descriptor),
    referrers: (digest) => layoutReferrers(root, digest),
    pushBlob: (bytes) => writeLayoutBlob(root, bytes),
    pushBlobStream: (descriptor, read) => writeLayoutStream(root, descriptor, read),
    pushManifest: async (bytes, mediaType, tag) => {
      const {descriptor, json} = parseManifest(bytes, mediaType)
      await writeLayoutBlob(root, bytes)
      if (tag !== undefined) await nameEntry(root, descriptor, tag)
      // An attachment is listed by linkReferrers, when its subject is known to want it.
      else if (json.subject === undefined) await addEntries(root, [descriptor])
      return descriptor
    },
    linkReferrers: (_subject, descriptors) => addEntries(root, descriptors),
  }
}

/** Makes an empty layout at `path`, or opens the one that is there. @throws AppError `layout.not-written`, `image.corrupt` */
export async function createLayout(path: string): Promise<ImageStore> {
  await makeFolder(join(path, 'blobs', 'sha256'))
  if ((await readBounded(join(path, 'index.json'), 1024 ** 3)) === undefined) await writeAtomically(join(path, 'index.json'), [indexBytes({manifests: []})])
  if ((await readBounded(join(path, MARKER), 1024)) === undefined) await writeAtomically(join(path, MARKER), [Buffer.from('{"imageLayoutVersion":"1.0.0"}')])
  return openLayout(path)
}

async function realRoot(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    throw new AppError('usage.target', `there is no folder ${JSON.stringify(path)}`, {cause: error})
  }
}

async function checkLayout(root: string): Promise<void> {
  const marker = await readBounded(join(root, MARKER), 1024)
  if (marker === undefined) throw new AppError('usage.target', `${root} is not an OCI layout: it has no file ${MARKER}`)
  if (!/"imageLayoutVersion"\s*:\s*"1\./.test(Buffer.from(marker).toString('utf8')))
    throw new AppError('image.unsupported', `${root} is an OCI layout of an unknown version`)
  for (const folder of ['blobs', join('blobs', 'sha256')]) {
    const stats = await lstat(join(root, folder)).catch((error: unknown) => {
      throw new AppError('image.corrupt', `${join(root, folder)} is missing`, {cause: error})
    })
    if (!stats.isDirectory()) throw new AppError('image.corrupt', `${join(root, folder)} is not a folder`)
  }
}
