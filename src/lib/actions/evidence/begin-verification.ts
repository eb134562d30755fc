/** What a verification starts with: what was kept outside, and where in the log to begin. */
import {createBlobBook} from '../../ledger/blob-book.ts'
import {createFindings} from '../../ledger/findings.ts'
import type {KeptHead} from '../../ledger/head-findings.ts'
import {createLeafBook} from '../../ledger/leaf-book.ts'
import type {VerifierKey} from '../../ledger/note.ts'
import {createRunBook} from '../../ledger/run-book.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'
import {listLog, type ListedLog} from '../ledger/list-log.ts'
import {verifierKeys} from '../ledger/verifier-keys.ts'
import {readKeptHeads} from './read-kept-heads.ts'
import {readWriters} from './read-writers.ts'
import {sinceHead} from './since-head.ts'
import type {VerifyEvidenceRequest} from './verify-result.ts'
import type {Verification} from './verification.ts'

export interface Begun {
  readonly verification: Verification
  readonly listed: ListedLog
  readonly keys: readonly VerifierKey[]
  /** What was kept outside, all of it. */
  readonly heads: readonly KeptHead[]
}

/** @throws AppError `store.*`, `checkpoint.unreadable-key`, `config.missing`, `usage.*` */
export async function beginVerification(request: VerifyEvidenceRequest, context: Context): Promise<Begun> {
  const store = await context.store()
  const {sinceCheckpoint, anchors = [], full = false, origin} = request
  const keys = await verifierKeys(request.keys ?? [], context, origin === undefined ? {} : {origin})
  const writers = request.writers === undefined ? undefined : await readWriters(request.writers, store.address, context)
  const since = sinceCheckpoint === undefined ? undefined : await readKeptHeads(sinceCheckpoint, keys, context)
  const others = await Promise.all(anchors.map(async (named) => readKeptHeads(named, keys, context)))
  const listed = await listLog(store)
  const versioned = await hasVersions(store)
  // A folder is read from its beginning all the same, so nothing would be won there.
  const heads = [since, ...others].flatMap((one) => one?.heads ?? [])
  // The oldest of all: what was kept of a time before the walk could not be compared with anything.
  const oldest = full || !versioned || since === undefined ? undefined : heads.toSorted((a, b) => a.size - b.size).at(0)
  const start = oldest === undefined ? undefined : await sinceHead(oldest, store, listed)
  const findings = createFindings()
  findings.add(...[since, ...others].flatMap((one) => one?.findings ?? []), start?.finding)
  if (keys.length === 0 && listed.checkpoints.size > 0)
    findings.add({code: 'checkpoint.no-key', key: [...listed.checkpoints.values()].at(-1)?.key ?? '', message: 'nothing says by whom it should be signed'})
  // Whoever gives a key knows of a log.
  if ((request.keys ?? []).length > 0 && listed.seals.size + listed.checkpoints.size === 0)
    findings.add({code: 'checkpoint.missing', key: store.address, message: 'a key of the log was given, and there is no log'})
  const damaged: Verification['damaged'] = new Map()
  const verification = {
    store,
    full,
    blobs: request.blobs,
    versioned,
    sealed: listed.seals.size > 0 || listed.checkpoints.size > 0 || context.config.sealing !== undefined,
    ...(start?.state !== undefined && {since: start.state}),
    ...(start?.came !== undefined && {sinceCame: start.came}),
    findings,
    leaves: createLeafBook(),
    runs: createRunBook(damaged),
    blobBook: createBlobBook(),
    damaged,
    late: new Map(),
    unread: new Set<string>(),
    ...(writers !== undefined && {writers}),
  }
  return {verification, listed, keys, heads}
}

/** By the first object: a store has versions, or none. */
async function hasVersions(store: EvidenceStore): Promise<boolean> {
  for await (const {version} of store.versions('')) return version !== undefined
  return false
}
