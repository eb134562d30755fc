/** Files that survive a power cut: their bytes, and their names. */
import {randomBytes} from 'node:crypto'
import {constants} from 'node:fs'
import {open, rename, rm, type FileHandle} from 'node:fs/promises'
import {dirname} from 'node:path'
import process from 'node:process'

/** Written aside, flushed, given its name. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await using file = await open(aside, 'wx', 0o600)
    await writeAt(file, bytes, 0)
    await file.sync()
    await rename(aside, path)
  } finally {
    await rm(aside, {force: true})
  }
  await flushFolder(dirname(path))
}

/** All of it: one call may write less. */
export async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    // oxlint-disable-next-line no-await-in-loop -- one piece after another
    const {bytesWritten} = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

export async function flushFolder(path: string): Promise<void> {
  // Windows opens no folder for this, and needs none.
  if (process.platform === 'win32') return
  await using folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  await folder.sync()
}
