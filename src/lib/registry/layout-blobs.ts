/** Blobs of an OCI layout: every read is counted and hashed, every write is whole or absent. */
import {join} from 'node:path'
import {AppError} from '../errors.ts'
import {digestOf} from '../images/manifest.ts'
import {checkedDigest} from '../images/reference.ts'
import type {Descriptor} from '../ports/images.ts'
import {DigestCheck} from './digest-check.ts'
import {openRegular, readChunks, writeAtomically} from './layout-files.ts'

export function blobPath(root: string, digest: string): string {
  return join(root, 'blobs', 'sha256', checkedDigest(digest).slice('sha256:'.length))
}

/** @throws AppError `image.corrupt` */
export async function* streamLayoutBlob(root: string, descriptor: Descriptor): AsyncGenerator<Uint8Array> {
  const opened = await openRegular(blobPath(root, descriptor.digest))
  if (opened === undefined) throw new AppError('image.corrupt', `the blob ${descriptor.digest} is missing in ${root}`)
  const check = new DigestCheck(descriptor, root)
  for await (const chunk of readChunks(opened.file)) {
    check.add(chunk)
    yield chunk
  }
  check.end()
}

/** @throws AppError `image.corrupt`, `registry.limit` */
export async function readLayoutBlob(root: string, descriptor: Descriptor, max: number): Promise<Uint8Array> {
  if (descriptor.size > max) throw new AppError('registry.limit', `the blob ${descriptor.digest} has ${descriptor.size} bytes, more than ${max}`)
  const parts: Uint8Array[] = []
  for await (const chunk of streamLayoutBlob(root, descriptor)) parts.push(chunk)
  return Buffer.concat(parts)
}

export async function writeLayoutBlob(root: string, bytes: Uint8Array): Promise<Descriptor> {
  const descriptor = {mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.byteLength}
  await writeLayoutStream(root, descriptor, () => [bytes])
  return descriptor
}

/** A blob that is there but damaged is written anew. @throws AppError `image.corrupt`, `layout.not-written`, and what `read` throws */
export async function writeLayoutStream(
  root: string,
  descriptor: Descriptor,
  read: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<'written' | 'present'> {
  if (await isIntact(root, descriptor)) return 'present'
  await writeAtomically(blobPath(root, descriptor.digest), checked(read(), descriptor, `the source of ${root}`))
  return 'written'
}

async function isIntact(root: string, descriptor: Descriptor): Promise<boolean> {
  try {
    for await (const chunk of streamLayoutBlob(root, descriptor)) void chunk
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'image.corrupt') return false
    throw error
  }
}

async function* checked(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, descriptor: Descriptor, place: string): AsyncGenerator<Uint8Array> {
  const check = new DigestCheck(descriptor, place)
  for await (const chunk of source) {
    check.add(chunk)
    yield chunk
  }
  check.end()
}
