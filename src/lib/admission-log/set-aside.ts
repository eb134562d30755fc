/** What is not what was written goes to `damaged/` in the log's folder, under a name of its own, and stays there. */
import {randomBytes} from 'node:crypto'
import {link, mkdir, rename} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {flushFolder} from './durable.ts'

export const DAMAGED = 'damaged'

/** @returns where it is now */
export async function setAside(path: string): Promise<string> {
  const aside = await asideOf(path)
  await rename(path, aside)
  await flushBoth(aside, path)
  return aside
}

/** Kept there, too: what is whole in it is still needed. It takes no room. */
export async function keepAside(path: string): Promise<string> {
  const aside = await asideOf(path)
  await link(path, aside)
  await flushBoth(aside, path)
  return aside
}

async function asideOf(path: string): Promise<string> {
  const folder = join(dirname(path), DAMAGED)
  await mkdir(folder, {recursive: true})
  return join(folder, `${basename(path)}-${randomBytes(6).toString('hex')}`)
}

async function flushBoth(aside: string, path: string): Promise<void> {
  await flushFolder(dirname(aside))
  await flushFolder(dirname(path))
}
