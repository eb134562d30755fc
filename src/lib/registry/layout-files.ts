/**
 * Files inside an OCI layout. The folder may come from anywhere: nothing but a
 * regular file is opened, no link is followed, and nothing is read without bound.
 */
import {constants} from 'node:fs'
import {mkdir, open, rename, rm, type FileHandle} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {randomUUID} from 'node:crypto'
import {AppError} from '../errors.ts'
import {errorCode} from './error-code.ts'

const CHUNK = 256 * 1024
/** O_NONBLOCK: a named pipe must not hang us before it is refused. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** undefined where there is no such file. @throws AppError `image.corrupt` where it is a link or no regular file */
export async function openRegular(path: string): Promise<{file: FileHandle; size: number} | undefined> {
  let file
  try {
    file = await open(path, READ_FLAGS)
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT') return undefined
    throw new AppError('image.corrupt', code === 'ELOOP' ? `${path} is a symbolic link` : `${path} cannot be read: ${code}`, {cause: error})
  }
  const stats = await file.stat()
  if (stats.isFile()) return {file, size: stats.size}
  await file.close()
  throw new AppError('image.corrupt', `${path} is not a regular file`)
}

export async function* readChunks(file: FileHandle): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const {bytesRead, buffer} = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

/** A part of an open file; the file stays open. @throws AppError `image.corrupt` where it ends too early */
export async function* readRange(file: FileHandle, start: number, length: number): AsyncGenerator<Uint8Array> {
  for (let position = start; position < start + length;) {
    const wanted = Math.min(CHUNK, start + length - position)
    const {bytesRead, buffer} = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, position)
    if (bytesRead === 0) throw new AppError('image.corrupt', 'the archive ends in the middle of a member')
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/** undefined where there is no such file. @throws AppError `image.corrupt`, also beyond `max` bytes */
export async function readBounded(path: string, max: number): Promise<Uint8Array | undefined> {
  const opened = await openRegular(path)
  if (opened === undefined) return undefined
  const parts: Uint8Array[] = []
  let seen = 0
  for await (const chunk of readChunks(opened.file)) {
    seen += chunk.byteLength
    if (seen > max) throw new AppError('image.corrupt', `${path} is larger than ${max} bytes`)
    parts.push(chunk)
  }
  return Buffer.concat(parts)
}

/** A reader sees the old file or the whole new one. @throws AppError `layout.not-written`, and what `source` throws */
export async function writeAtomically(path: string, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
  const scratch = join(dirname(path), `.${randomUUID()}.tmp`)
  try {
    const file = await unwritable(path, open(scratch, 'wx', 0o644))
    try {
      for await (const chunk of source) await unwritable(path, file.writeFile(chunk))
      await unwritable(path, file.sync())
    } finally {
      await file.close()
    }
    await unwritable(path, rename(scratch, path))
  } catch (error) {
    await rm(scratch, {force: true})
    throw error
  }
  await unwritable(path, syncFolder(dirname(path)))
}

/** @throws AppError `layout.not-written` */
export async function makeFolder(path: string): Promise<void> {
  await unwritable(path, mkdir(path, {recursive: true}))
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function unwritable<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw new AppError('layout.not-written', `${path} cannot be written: ${errorCode(error) ?? String(error)}`, {cause: error})
  }
}
