/**
 * What the queries need of a context, with a clock that stands still and a real index in a folder of its own.
 *
 * Promise: `record` keeps what is written; under `noRecord` writing throws, as
 * the real one does. Whatever a query must not touch is not there at all.
 */
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Config} from '../../src/lib/config/schema.ts'
import {openFolderIndex} from '../../src/lib/duckdb/folder-index.ts'
import {AppError} from '../../src/lib/errors.ts'
import {withLock} from '../../src/lib/lock.ts'
import type {Context} from '../../src/lib/ports/context.ts'
import type {EvidenceStore, RecordInput} from '../../src/lib/ports/evidence-store.ts'

export interface QueryContext {
  readonly context: Context
  readonly folder: string
  /** What was to be recorded. */
  readonly recorded: RecordInput[]
  remove(): Promise<void>
}

export const NOW = '2026-03-10T12:00:00.000Z'

export interface QueryContextOptions {
  readonly noRecord?: boolean
  /** Thrown by the recorder. */
  readonly fault?: AppError
  readonly now?: string
  readonly config?: Context['config']
  /** Of the index; default a new one. */
  readonly folder?: string
}

export async function queryContext(store: EvidenceStore, {noRecord = false, fault, now = NOW, ...options}: QueryContextOptions = {}): Promise<QueryContext> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'hipaa-ci-index-')))
  const recorded: RecordInput[] = []
  const write = async (input: RecordInput) => {
    if (noRecord) throw new AppError('bug', 'a record was to be written although --no-record was given')
    if (fault !== undefined) throw fault
    recorded.push(input)
    return {id: '01JZ8Q4X5T7V9W2Y3A4B5C6D7E', key: '', sha256: '', record: undefined}
  }
  const context = {
    version: '0.1.0',
    config: options.config ?? {...Config.parse({version: 1, system: 'patient-api'}), root: folder},
    now: () => new Date(now),
    ci: async () => ({
      platform: 'workstation',
      ci: false,
      source: 'workstation#desk',
      actor: {human: {id: 'auditor', issuer: 'desk', basis: 'claimed'}},
      change: {authors: []},
    }),
    progress: {step: () => undefined, note: () => undefined},
    store: async () => store,
    index: async () => openFolderIndex(folder, withLock),
    newId: () => '01JXS8000000000000000000QE',
    recorder: async () => ({enabled: !noRecord, runId: async () => undefined, write}),
  } as unknown as Context
  return {context, folder, recorded, remove: () => rm(folder, {recursive: true, force: true})}
}
