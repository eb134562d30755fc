/**
 * The lines of a file that is too large to be held, as text or gzip: the log of an API server. `-` is standard input.
 *
 * What cannot be read of it is told in its place, and reading goes on where it can: a caller must know that something is
 * missing. Only a file that cannot be opened is an error.
 */
import {createReadStream} from 'node:fs'
import {stat} from 'node:fs/promises'
import process from 'node:process'
import {Readable} from 'node:stream'
import {createGunzip} from 'node:zlib'
import {AppError} from '../errors.ts'
import type {TextLine} from '../ports/context.ts'
import {errorCode} from './store-error.ts'

/** Bytes; an API server takes no object beyond 3 MiB, and an event holds two. */
const MAX_LINE = 16 * 1024 * 1024
const GZIP = [0x1f, 0x8b]
const NEWLINE = 0x0a

/** @throws AppError `usage.input` where it cannot be opened */
export async function* fileLines(path: string): AsyncGenerator<TextLine> {
  const chunks = unpacked(path === '-' ? process.stdin : await openFile(path))
  let waiting: Buffer[] = []
  let size = 0
  const close = (): TextLine | undefined => {
    const line: TextLine | undefined = size > MAX_LINE ? {fault: `a line has more than ${MAX_LINE} bytes`} : textOf(Buffer.concat(waiting))
    waiting = []
    size = 0
    return line
  }
  try {
    for await (const chunk of chunks) {
      let from = 0
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
        keep(chunk.subarray(from, end))
        from = end + 1
        const line = close()
        if (line !== undefined) yield line
      }
      keep(chunk.subarray(from))
    }
  } catch (error) {
    yield {fault: `it breaks off (${errorCode(error) || 'unreadable'})`}
    return
  }
  const last = close()
  if (last !== undefined) yield last

  /** Of a line that is too long only the length. */
  function keep(part: Buffer): void {
    size += part.byteLength
    if (size <= MAX_LINE) waiting.push(part)
    else waiting = []
  }
}

async function openFile(path: string): Promise<Readable> {
  try {
    // What is no plain file could have no end.
    if (!(await stat(path)).isFile()) throw new AppError('usage.input', `cannot read ${path}: it is not a file`)
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('usage.input', errorCode(cause) === 'ENOENT' ? `there is no file ${path}` : `cannot read ${path}: ${errorCode(cause)}`, {cause})
  }
  return createReadStream(path, {highWaterMark: 1024 * 1024})
}

/** By its first bytes, not by its name. */
async function* unpacked(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = input[Symbol.asyncIterator]()
  let head = Buffer.alloc(0)
  while (head.byteLength < GZIP.length) {
    const next = await chunks.next()
    if (next.done === true) break
    head = Buffer.concat([head, next.value])
  }
  const rest = (async function* () {
    yield head
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value
  })()
  if (!GZIP.every((byte, at) => head[at] === byte)) {
    yield* rest
    return
  }
  const packed = Readable.from(rest)
  const gunzip = createGunzip()
  packed.once('error', (error) => gunzip.destroy(error))
  try {
    yield* packed.pipe(gunzip) as AsyncIterable<Buffer>
  } finally {
    packed.destroy()
    gunzip.destroy()
  }
}

function textOf(bytes: Buffer): TextLine | undefined {
  try {
    const text = new TextDecoder('utf-8', {fatal: true}).decode(bytes).trim()
    return text === '' ? undefined : {text}
  } catch {
    return {fault: 'a line is not UTF-8'}
  }
}
