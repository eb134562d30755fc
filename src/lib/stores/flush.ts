/** Makes a change inside a folder (a new name, a rename) survive a power cut. */
import {constants} from 'node:fs'
import {open} from 'node:fs/promises'
import process from 'node:process'

export async function flushFolder(path: string): Promise<void> {
  // Windows opens no folder for this, and needs none.
  if (process.platform === 'win32') return
  await using folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  await folder.sync()
}
