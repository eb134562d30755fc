/** Reads the files that a person named: configuration pins, predicates, reviews. */
import {constants} from 'node:fs'
import {access, readFile, stat} from 'node:fs/promises'
import {AppError} from '../errors.ts'
import type {FileReader} from '../ports.ts'

/** Bytes; what a person names by hand is small. */
const MAX_BYTES = 256 * 1024 * 1024

export const fileReader: FileReader = {
  async read(path) {
    try {
      const {size} = await stat(path)
      if (size > MAX_BYTES) throw new AppError('usage.input', `${path} is ${size} bytes; at most ${MAX_BYTES} are read`)
      return await readFile(path)
    } catch (cause) {
      throw cause instanceof AppError ? cause : new AppError('usage.input', `cannot read ${path}`, {cause})
    }
  },
  async exists(path) {
    try {
      await access(path, constants.F_OK)
      return true
    } catch {
      // Any reason why it cannot be seen will be told by the read that follows.
      return false
    }
  },
}
