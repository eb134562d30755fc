/**
 * One holder at a time, across processes: `withLock(path, work)`.
 *
 * The lock is an exclusive transaction on an empty SQLite file, that is: a lock
 * of the operating system. It ends with the process that holds it, however that
 * dies, so there is no stale lock to judge, no process number that may have been
 * reused or belong to another container, and no race in taking over. The file
 * stays empty and is never removed; that would let two hold "the" lock.
 * Beside it lies `<path>.holder`, which is only there to name the holder.
 */
import {readFile, rm, writeFile} from 'node:fs/promises'
import {hostname} from 'node:os'
import process from 'node:process'
import {setTimeout as sleep} from 'node:timers/promises'
import {AppError, type ReasonCode} from './errors.ts'

export interface LockOptions {
  /** Milliseconds to wait for it; default one minute. */
  readonly wait?: number
  /** What it is where the lock file cannot be made; default `store.unreachable`. */
  readonly fault?: ReasonCode
}

const WAIT = 60_000
const SQLITE_BUSY = 5

/** @throws AppError `store.conflict` naming the holder, `fault` where the lock file cannot be made */
export async function withLock<T>(path: string, work: () => Promise<T>, {wait = WAIT, fault = 'store.unreachable'}: LockOptions = {}): Promise<T> {
  const {DatabaseSync} = await import('node:sqlite')
  const holder = `${path}.holder`
  const deadline = performance.now() + wait
  using database = openDatabase(() => new DatabaseSync(path, {timeout: 0}), path, fault)
  for (let pause = 2; !tryLock(() => database.exec('BEGIN EXCLUSIVE'), path, fault); pause = Math.min(pause * 2, 50)) {
    // oxlint-disable-next-line no-await-in-loop -- the end of waiting
    if (performance.now() > deadline) throw new AppError('store.conflict', `${path} is held by ${await nameOf(holder)}`)
    // oxlint-disable-next-line no-await-in-loop -- waiting is the point; jitter keeps waiters apart
    await sleep(pause * (0.5 + Math.random()))
  }
  try {
    await writeHolder(holder, fault)
    return await work()
  } finally {
    // While it is still held: else it might remove the next holder's name.
    await rm(holder, {force: true})
  }
}

async function writeHolder(holder: string, fault: ReasonCode): Promise<void> {
  try {
    await writeFile(holder, `process ${process.pid} on ${hostname()}`)
  } catch (cause) {
    throw new AppError(fault, `cannot write ${holder}: ${String(cause)}`, {cause})
  }
}

function openDatabase<T>(create: () => T, path: string, fault: ReasonCode): T {
  try {
    return create()
  } catch (cause) {
    throw new AppError(fault, `cannot make the lock file ${path}`, {cause})
  }
}

function tryLock(begin: () => void, path: string, fault: ReasonCode): boolean {
  try {
    begin()
    return true
  } catch (cause) {
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY) return false
    throw new AppError(fault, `cannot lock ${path}: ${String(cause)}`, {cause})
  }
}

async function nameOf(holder: string): Promise<string> {
  try {
    return await readFile(holder, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'another process'
    throw error
  }
}
