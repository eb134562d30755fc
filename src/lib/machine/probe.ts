/** Binds the questions of `doctor` to this machine. What other rooms can answer is handed in. */
import {mkdtemp, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {AppError} from '../errors.ts'
import type {ProjectFiles} from '../ports/context.ts'
import type {KeyFileFacts, Probe} from '../ports/machine.ts'
import {storeFacts} from './store-facts.ts'

export interface ProbeParts extends Pick<Probe, 'tool' | 'advisories' | 'bucket' | 'registry'> {
  readonly tracking: ProjectFiles['tracking']
}

export function createProbe({tracking, ...others}: ProbeParts): Probe {
  return {
    ...others,
    node: {version: process.versions.node, path: process.execPath},
    store: storeFacts,
    keyFile: async (path) => keyFileFacts(path, tracking),
    fileTime,
  }
}

async function keyFileFacts(path: string, tracking: ProjectFiles['tracking']): Promise<KeyFileFacts | undefined> {
  try {
    const entry = await stat(path)
    if (!entry.isFile()) throw new AppError('key.unreadable', `${path} is no file`)
    return {mode: entry.mode & 0o777, tracking: await tracking(path)}
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new AppError('key.unreadable', `cannot look at ${path}`, {cause})
  }
}

async function fileTime(): Promise<Date> {
  const folder = await mkdtemp(join(tmpdir(), 'hipaa-ci-clock-'))
  try {
    await writeFile(join(folder, 'now'), '')
    return (await stat(join(folder, 'now'))).mtime
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}
