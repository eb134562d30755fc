/** A file that somebody is to keep: what is there is never replaced, unless it is the very same. */
import {randomBytes} from 'node:crypto'
import {link, mkdir, open, readFile, rm} from 'node:fs/promises'
import {dirname} from 'node:path'
import {AppError} from '../errors.ts'

/** @param flag that names it. @throws AppError `usage.flag` where something else is there, or it cannot be written */
export async function writeKept(flag: string, path: string, content: string | Uint8Array): Promise<void> {
  const bytes = Buffer.from(content)
  const aside = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await writeAside(aside, bytes)
  } catch (cause) {
    throw new AppError('usage.flag', `${flag} ${path} cannot be written: ${codeOf(cause)}`, {cause})
  }
  try {
    await link(aside, path)
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') throw new AppError('usage.flag', `${flag} ${path} cannot be written: ${codeOf(cause)}`, {cause})
    if (!bytes.equals(await readFile(path).catch(() => new Uint8Array())))
      throw new AppError('usage.flag', `${path} is there already, and what is kept is not replaced`, {cause, fix: 'Name another file.'})
  } finally {
    await rm(aside, {force: true})
  }
}

async function writeAside(aside: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(aside), {recursive: true})
  await using file = await open(aside, 'wx')
  await file.writeFile(bytes)
  await file.sync()
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
