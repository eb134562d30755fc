/** A result into a file that the user named: all of it or nothing. */
import {randomBytes} from 'node:crypto'
import {open, rename, rm} from 'node:fs/promises'
import {AppError} from '../errors.ts'

/** @param flag that names it. @throws AppError `usage.flag` where it cannot be written */
export async function writeOutput(path: string, text: string, flag = '--out'): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    {
      await using file = await open(aside, 'wx')
      await file.writeFile(text)
      await file.sync()
    }
    await rename(aside, path)
  } catch (cause) {
    await rm(aside, {force: true})
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new AppError('usage.flag', `${flag} ${path} cannot be written: ${code}`, {cause})
  }
}
