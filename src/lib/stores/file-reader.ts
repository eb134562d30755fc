/** Reads the files that a person named: configuration pins, predicates, reviews. `-` is standard input. */
import {existsSync} from 'node:fs'
import {readFile, stat} from 'node:fs/promises'
import process from 'node:process'
import {AppError} from '../errors.ts'
import type {FileReader} from '../ports/context.ts'

/** Bytes; what a person names by hand is small. */
const MAX_BYTES = 256 * 1024 * 1024

export const fileReader: FileReader = {
  async read(path) {
    if (path === '-') return readStandardInput()
    try {
      const {size} = await stat(path)
      if (size > MAX_BYTES) throw new AppError('usage.input', `${path} is ${size} bytes; at most ${MAX_BYTES} are read`)
      return await readFile(path)
    } catch (cause) {
      throw cause instanceof AppError ? cause : new AppError('usage.input', `cannot read ${path}`, {cause})
    }
  },
  // Any reason why it cannot be seen will be told by the read that follows.
  exists: async (path) => existsSync(path),
}

async function readStandardInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  const input: AsyncIterable<Uint8Array> = process.stdin
  for await (const chunk of input) {
    size += chunk.length
    if (size > MAX_BYTES) throw new AppError('usage.input', `standard input has more than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
