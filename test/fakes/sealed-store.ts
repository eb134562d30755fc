/**
 * Makes the log that a right sealer would have made over a store, without the sealer: what is sealed by hand here is
 * what the sealer's own results and the verifier's are judged by.
 *
 * Promise: every record version that is there and not sealed becomes one leaf, in the order of the keys, in seals of at
 * most `per`; each seal has its checkpoint. The same store, times and key give the same bytes.
 */
import {checkpointKey, parseRecordKey, RECORDS, sealKey, SEALS} from '../../src/lib/evidence/key.ts'
import {openRecord, sha256Hex} from '../../src/lib/evidence/record.ts'
import {checkpointNote, checkpointText, type TreeHead} from '../../src/lib/ledger/checkpoint.ts'
import {leafBytes, Leaf} from '../../src/lib/ledger/leaf.ts'
import {decodeSeal, encodeSeal, type StoredSeal} from '../../src/lib/ledger/seal.ts'
import {NO_TOTALS, totalsAfter} from '../../src/lib/ledger/totals.ts'
import {append, EMPTY_TREE, leafHash, rootOf, type Tree} from '../../src/lib/ledger/tree.ts'
import type {EvidenceStore, ObjectVersion} from '../../src/lib/ports/evidence-store.ts'
import {ORIGIN, testCheckpointKey, type TestCheckpointKey} from './checkpoint-keys.ts'

export interface SealOptions {
  readonly key?: TestCheckpointKey
  readonly origin?: string
  /** When it is sealed. */
  readonly at?: string
  /** Entries of one seal at most. */
  readonly per?: number
  /** A seal also where nothing is new. */
  readonly heartbeat?: boolean
  /** False: seals without their checkpoints, as a killed sealer leaves the last. */
  readonly checkpoints?: boolean
}

const PAST = '2026-03-02T12:00:00.000Z'

/** @returns the seals that were added */
export async function sealStore(
  store: EvidenceStore,
  {key = testCheckpointKey(), origin = ORIGIN, at = PAST, per = 5_000, heartbeat = false, checkpoints = true}: SealOptions = {},
): Promise<readonly StoredSeal[]> {
  const before = await sealsOf(store)
  const sealed = new Set(before.flatMap(({seal}) => seal.entries.map(idOf)))
  const fresh: Leaf[] = []
  for await (const one of store.versions(RECORDS)) {
    if (one.kind === 'object' && parseRecordKey(one.key) !== undefined && !sealed.has(idOf(one))) fresh.push(await leafOf(store, one))
  }
  const batches = Array.from({length: Math.ceil(fresh.length / per)}, (_, index) => fresh.slice(index * per, (index + 1) * per))
  if (heartbeat && batches.length === 0) batches.push([])
  const made: StoredSeal[] = []
  for (const entries of batches) {
    const seal = nextSeal(made.at(-1) ?? before.at(-1), entries, {origin, at})
    made.push(seal)
    await store.put(sealKey(seal.seal.n), seal.bytes)
    if (checkpoints) await store.put(checkpointKey(seal.seal.n), Buffer.from(signedHead({origin, size: seal.seal.size_after, root: seal.seal.root_after}, key)))
  }
  return made
}

/** All seals of a store, as they stand there. */
export async function sealsOf(store: EvidenceStore): Promise<StoredSeal[]> {
  const seals: StoredSeal[] = []
  for await (const key of store.list(SEALS)) seals.push(decodeSeal((await store.get(key)) ?? new Uint8Array(), key))
  return seals
}

export function signedHead(head: TreeHead, key: TestCheckpointKey): string {
  return checkpointNote(head, key.verifier, key.signNow(Buffer.from(checkpointText(head))))
}

/** The seal that follows `before`. */
export function nextSeal(before: StoredSeal | undefined, entries: readonly Leaf[], {origin = ORIGIN, at = PAST} = {}): StoredSeal {
  const old: Tree = before === undefined ? EMPTY_TREE : {size: before.seal.size_after, frontier: before.seal.frontier}
  const tree = entries.reduce((next: Tree, leaf) => append(next, leafHash(leafBytes(leaf))), old)
  const n = (before?.seal.n ?? 0) + 1
  return encodeSeal({
    v: 1,
    n,
    origin,
    ...(before !== undefined && {prev: before.sha256}),
    size_before: old.size,
    size_after: tree.size,
    root_before: rootOf(old),
    root_after: rootOf(tree),
    sealed_at: at,
    sealer: 'hipaa-ci/0.1.0',
    entries: [...entries],
    frontier: [...tree.frontier],
    ...totalsAfter(before?.seal ?? NO_TOTALS, {n, entries: [...entries], sealed_at: at}),
    swept: {window: at, all: at},
  })
}

/** The leaf of a record version as it lies there. */
export async function leafOf(store: EvidenceStore, {key, version, lastModified}: ObjectVersion): Promise<Leaf> {
  const found = await store.read(key, version)
  if (found === undefined) throw new Error(`there is no ${key}`)
  const parts = parseRecordKey(key)
  const sha256 = sha256Hex(found.bytes)
  return Leaf.parse({
    v: 1,
    key,
    version,
    sha256,
    size: found.bytes.length,
    last_modified: lastModified,
    lock: found.lock,
    stream: parts?.stream,
    ...(parts?.sha256 === sha256 ? toldBy(found.bytes) : {fault: 'record.altered'}),
  })
}

function toldBy(bytes: Uint8Array): Pick<Leaf, 'told' | 'fault'> {
  try {
    const record = openRecord(bytes)
    const {runid, job, seq, prevsha256, time, data} = record
    const link = {runid, job, seq, ...(prevsha256 !== undefined && {prevsha256}), time}
    const blobs = data.blobs.map(({sha256}) => sha256)
    return {told: {...link, outcome: data.outcome, blobs, ...(record.stream === 'run' && {run: record.data.detail})}}
  } catch {
    return {fault: 'record.invalid'}
  }
}

function idOf({key, version = ''}: {readonly key: string; readonly version?: string | undefined}): string {
  return `${key} ${version}`
}
