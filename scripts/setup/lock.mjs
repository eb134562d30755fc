/**
 * One set-up at a time for a cache folder. The lock is a file with the holder's id, touched while it lives, so that
 * neither a killed holder nor a reused process id blocks for ever.
 */
import {linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync} from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {say} from './talk.mjs'

const BEAT_MS = 5000
const SILENT_MS = 60_000

/** Runs `work` while holding the lock of `cache`; waits for another holder. */
export async function withLock(cache, work) {
  mkdirSync(cache, {recursive: true})
  const lock = join(cache, 'setup.lock')
  await acquire(lock)
  const release = () => releaseOwn(lock)
  process.once('exit', release)
  const beat = setInterval(() => touch(lock), BEAT_MS)
  beat.unref()
  try {
    return await work()
  } finally {
    clearInterval(beat)
    process.off('exit', release)
    release()
  }
}

async function acquire(lock) {
  for (let said = false; ;) {
    if (create(lock)) return
    const holder = read(lock)
    if (holder === undefined) continue
    if (isDead(holder)) {
      takeAway(lock, holder)
      continue
    }
    if (!said) say(`another set-up is running (process ${holder.pid}); waiting for it`)
    said = true
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

/** True where the lock is ours now. The link makes name and content appear at once. */
function create(lock) {
  const own = `${lock}.${process.pid}`
  writeFileSync(own, content())
  try {
    linkSync(own, lock)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    return false
  } finally {
    unlinkSync(own)
  }
}

function read(lock) {
  try {
    const text = readFileSync(lock, 'utf8')
    const {mtimeMs} = statSync(lock)
    return {text, ...parse(text), silent: Date.now() - mtimeMs}
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    return undefined
  }
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    // Not ours, or torn: judged by its age alone.
    return {pid: 'unknown', host: ''}
  }
}

function isDead({pid, host, silent}) {
  if (silent > SILENT_MS) return true
  if (host !== hostname() || !Number.isInteger(pid)) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

/** Moves a dead holder's lock aside; puts it back where somebody else had taken it over in between. */
function takeAway(lock, holder) {
  const aside = `${lock}.dead-${process.pid}`
  try {
    renameSync(lock, aside)
    if (readFileSync(aside, 'utf8') !== holder.text) linkSync(aside, lock)
    unlinkSync(aside)
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error
  }
}

/** Not one that somebody took over while this process was asleep. */
function releaseOwn(lock) {
  if (read(lock)?.text === content()) rmSync(lock, {force: true})
}

function content() {
  return JSON.stringify({pid: process.pid, host: hostname()})
}

function touch(lock) {
  try {
    utimesSync(lock, new Date(), new Date())
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}
