/**
 * Reads the files that a person or a policy names: configuration pins, predicates, reviews. `-` is standard input.
 *
 * A checkout may hold a link to anything. What is no regular file could have no end, or no beginning (a pipe that
 * nobody writes to cannot even be given up on), so it is not opened for long.
 */
import {constants, existsSync} from 'node:fs'
import {open, type FileHandle} from 'node:fs/promises'
import process from 'node:process'
import {AppError} from '../errors.ts'
import type {FileReader} from '../ports/context.ts'

/** Bytes; what a person names by hand is small. */
const MAX_BYTES = 256 * 1024 * 1024
const CHUNK = 256 * 1024
/** What a shell hands over (`<(…)`) is a pipe that somebody writes to; only the person who calls can name it. */
const HANDED_OVER = /^\/dev\/(?:stdin|fd\/\d{1,9})$/

export const fileReader: FileReader = {
  async read(path) {
    if (path === '-') return readAll(process.stdin, 'standard input')
    try {
      const isHanded = HANDED_OVER.test(path)
      await using file = await open(path, constants.O_RDONLY | (isHanded ? 0 : constants.O_NONBLOCK))
      if (!isHanded && !(await file.stat()).isFile()) throw new AppError('usage.input', `cannot read ${path}: it is not a file`)
      return await readAll(chunksOf(file), path)
    } catch (cause) {
      throw cause instanceof AppError ? cause : new AppError('usage.input', unreadText(path, cause), {cause})
    }
  },
  // Any reason why it cannot be seen will be told by the read that follows.
  exists: async (path) => existsSync(path),
}

/** Why, in words: the system's own are for programs. */
function unreadText(path: string, cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR') return `there is no file ${path}`
  const why = code === 'EACCES' || code === 'EPERM' ? 'this user may not' : code
  return `cannot read ${path}${why === undefined ? '' : `: ${why}`}`
}

async function readAll(input: AsyncIterable<Uint8Array>, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of input) {
    size += chunk.byteLength
    if (size > MAX_BYTES) throw new AppError('usage.input', `${name} has more than ${MAX_BYTES} bytes; no more are read`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function* chunksOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (;;) {
    const {bytesRead, buffer} = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
  }
}
