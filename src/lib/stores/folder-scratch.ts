/**
 * Scratch files of writers, `tmp/<host>~<pid>~<random>`: what a dead writer left is removed.
 *
 * Rules: a file of this host goes when its process is gone. One of another host
 * (a shared volume, another container) cannot be asked, and goes after a day.
 * A live writer's file is never touched.
 */
import {randomBytes} from 'node:crypto'
import {lstat, readdir, unlink} from 'node:fs/promises'
import {hostname} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {errorCode} from './store-error.ts'

export const SCRATCH = 'tmp'

const NAME = /^([A-Za-z0-9._-]{1,64})~(\d{1,10})~[0-9a-f]{16}$/
const DAY = 86_400_000

export function scratchName(): string {
  return `${host()}~${process.pid}~${randomBytes(8).toString('hex')}`
}

/** Removes from `folder` what no living writer owns. What is not a scratch file of ours is left. */
export async function clearScratch(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    // oxlint-disable-next-line no-await-in-loop -- a handful, and rarely
    if (await isLeftover(join(folder, name), name)) await removeIfThere(join(folder, name))
  }
}

async function isLeftover(path: string, name: string): Promise<boolean> {
  const [, owner, pid] = NAME.exec(name) ?? []
  if (owner === undefined) return false
  if (owner === host()) return !isAlive(Number(pid))
  try {
    return Date.now() - (await lstat(path)).mtimeMs > DAY
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}

/** Another writer may be clearing at the same time. */
async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return errorCode(error) !== 'ESRCH'
  }
}

function host(): string {
  return (
    hostname()
      .replaceAll(/[^A-Za-z0-9._-]/g, '-')
      .slice(0, 64) || 'unnamed'
  )
}
