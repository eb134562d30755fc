/**
 * The run file that HIPAA_CI_RUN names: `openRunFile(path)`, `createRunFile(path, state)`.
 *
 * Rules: one file per job, JSON, replaced as a whole (written aside, flushed,
 * renamed, folder flushed), so it is never torn. Only who holds the lock
 * replaces it. Copy or upload the file alone: the lock beside it means nothing
 * elsewhere. Two copies of one file in use at once make a fork, which
 * `evidence verify` finds.
 */
import {randomBytes} from 'node:crypto'
import {link, mkdir, open, readFile, rename, rm} from 'node:fs/promises'
import {dirname, resolve} from 'node:path'
import {AppError} from '../errors.ts'
import {parseRunState, type RunState} from '../evidence/run-state.ts'
import type {RunFiles, RunPosition} from '../ports/evidence-store.ts'
import {flushFolder} from './flush.ts'
import {withLock, type LockOptions} from '../lock.ts'
import {errorCode} from './store-error.ts'

export const runFiles: RunFiles = {create: createRunFile, open: openRunFile}

export function openRunFile(path: string, options: LockOptions = {}): RunPosition {
  const file = resolve(path)
  return {
    name: file,
    durable: true,
    read: () => readState(file),
    exclusively: async (work) => {
      // Before the lock: a mistyped path must not leave a lock file.
      await readState(file)
      return withLock(`${file}.lock`, async () => work(await readState(file), (state) => replace(file, state)), options)
    },
  }
}

/** @throws AppError `run.invalid` where the file is there already or cannot be written */
export async function createRunFile(path: string, state: RunState): Promise<RunPosition> {
  const file = resolve(path)
  try {
    await mkdir(dirname(file), {recursive: true})
    await publish(file, state, link)
  } catch (cause) {
    const code = errorCode(cause)
    throw new AppError('run.invalid', code === 'EEXIST' ? `${file} is there already` : `cannot write ${file}: ${code}`, {
      cause,
      fix: code === 'EEXIST' ? 'A run file belongs to one run: choose another with --file.' : 'Choose a folder that can be written, with --file.',
    })
  }
  return openRunFile(file)
}

async function readState(file: string): Promise<RunState> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new AppError('run.invalid', `cannot read the run file ${file}: ${errorCode(cause)}`, {cause})
  }
  return parseRunState(text, file)
}

async function replace(file: string, state: RunState): Promise<void> {
  try {
    await publish(file, state, rename)
  } catch (cause) {
    throw new AppError('store.unreachable', `cannot advance the run file ${file}: ${errorCode(cause)}`, {
      cause,
      fix: 'Make room for it; what was written so far is completed by the next command of the run.',
    })
  }
}

/** Writes `state` aside, makes it durable, then gives it its name by `name`. */
async function publish(file: string, state: RunState, name: (from: string, to: string) => Promise<void>): Promise<void> {
  const aside = `${file}.${randomBytes(6).toString('hex')}.tmp`
  await using handle = await open(aside, 'wx', 0o600)
  try {
    await handle.writeFile(`${JSON.stringify(state)}\n`)
    await handle.sync()
    await name(aside, file)
    await flushFolder(dirname(file))
  } finally {
    await rm(aside, {force: true})
  }
}
