/** What killed updates and engines left in the index folder. Only who holds the lock sweeps. */
import {mkdir, readdir, rm, stat} from 'node:fs/promises'
import {join} from 'node:path'
import type {Current} from './current.ts'
import {codeOf} from './file-error.ts'

/** An engine that runs for longer than this may lose its spill files, and fails by saying so. */
const SPILL_AGE = 24 * 60 * 60_000

/** Removes what `current` does not name. Returns the empty folder for what is coming. */
export async function sweep(folder: string, current: Current | undefined): Promise<string> {
  const named = new Set([...Object.values(current?.tables ?? {}).flat(), ...(current?.retired ?? [])].map(({file}) => file))
  const incoming = join(folder, 'incoming')
  await rm(incoming, {recursive: true, force: true})
  await mkdir(incoming, {recursive: true})
  const parts = (await readdir(join(folder, 'parts'))).map((name) => `parts/${name}`)
  await Promise.all(parts.filter((file) => !named.has(file)).map((file) => rm(join(folder, file), {force: true})))
  const spills = (await readdir(folder)).filter((name) => name.startsWith('spill-'))
  await Promise.all(spills.map((name) => removeOld(join(folder, name))))
  return incoming
}

async function removeOld(path: string): Promise<void> {
  try {
    if (Date.now() - (await stat(path)).mtimeMs > SPILL_AGE) await rm(path, {recursive: true, force: true})
  } catch (error) {
    // Its engine closed meanwhile.
    if (codeOf(error) !== 'ENOENT') throw error
  }
}
