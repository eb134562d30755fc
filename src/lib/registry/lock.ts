/**
 * One writer at a time, between the processes of one host.
 *
 * The lock is an exclusive transaction on an empty SQLite file, that is a lock
 * of the operating system: it ends with its process, however that dies, so no
 * stale lock has to be judged. The file is never removed; that would let two
 * hold "the" lock.
 */
import {setTimeout as sleep} from 'node:timers/promises'
import {AppError} from '../errors.ts'
import {errorCode} from './error-code.ts'

const SQLITE_BUSY = 5

/** @param patience milliseconds. @throws AppError `store.conflict` where the lock stays taken or cannot be made */
export async function withLock<T>(path: string, work: () => Promise<T>, patience = 120_000): Promise<T> {
  const {DatabaseSync} = await import('node:sqlite')
  const giveUp = performance.now() + patience
  using database = attempt(path, () => new DatabaseSync(path, {timeout: 0}))
  while (!take(path, () => database.exec('BEGIN EXCLUSIVE'))) {
    if (performance.now() > giveUp) throw new AppError('store.conflict', `another process holds ${path}`)
    await sleep(5 + Math.random() * 20)
  }
  return await work()
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new AppError('store.conflict', `the lock ${path} cannot be taken: ${errorCode(error) ?? String(error)}`, {cause: error})
  }
}

/** False while another holds it; any other trouble is thrown, or a full disk would look like a busy neighbour. */
function take(path: string, begin: () => void): boolean {
  return attempt(path, () => {
    try {
      begin()
      return true
    } catch (error) {
      if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return false
      throw error
    }
  })
}
