/**
 * A version of a record as a leaf of the log. Pure.
 *
 * Rules: what is wrong with a record does not keep it out: it is sealed with its fault, the gravest one. What it says is
 * taken down wherever it can be read, also of a second version: readers of leaves look at `fault` first.
 */
import {AppError, type ReasonCode} from '../errors.ts'
import {recordKey} from '../evidence/key.ts'
import {Time} from '../evidence/primitives.ts'
import {openRecord, sha256Hex} from '../evidence/record.ts'
import type {EvidenceRecord} from '../evidence/schema.ts'
import type {ObjectLock, StoredVersion} from '../ports/evidence-store.ts'
import {leafBytes, LeafLock, MAX_LEAF_BYTES, type Leaf} from './leaf.ts'
import {NEVER, placeOfKey} from './totals.ts'

/** @param second another version of the key was there before it */
export function leafOf(key: string, {bytes, version, lastModified, lock}: StoredVersion, second: boolean): Leaf {
  const stream = placeOfKey(key)?.stream
  if (stream === undefined) throw new TypeError(`${key} is no record's`)
  const sha256 = sha256Hex(bytes)
  const seen: Leaf = {
    v: 1,
    key,
    ...(version !== undefined && {version}),
    sha256,
    size: bytes.length,
    // A folder's clock is anybody's: no date of a file may keep it out of the log.
    last_modified: Time.safeParse(lastModified).success ? lastModified : NEVER,
    ...lockOf(lock),
    stream,
  }
  const named = key.endsWith(`-${sha256}.json.gz`)
  const read = named ? readRecord(bytes) : 'record.altered'
  const record = typeof read === 'string' ? undefined : read
  const fault =
    typeof read === 'string' ? read : recordKey(read.stream, read.id, sha256) === key ? (second ? 'record.second-version' : undefined) : 'record.misplaced'
  return fitted({...seen, ...(record !== undefined && {told: tell(record)}), ...(fault !== undefined && {fault})})
}

function readRecord(bytes: Uint8Array): EvidenceRecord | ReasonCode {
  try {
    return openRecord(bytes)
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}

function tell(record: EvidenceRecord): Leaf['told'] {
  const {runid, job, seq, prevsha256, time, data} = record
  return {
    runid,
    job,
    seq,
    ...(prevsha256 !== undefined && {prevsha256}),
    time,
    outcome: data.outcome,
    blobs: data.blobs.map(({sha256}) => sha256),
    ...(record.stream === 'run' && {run: record.data.detail}),
  }
}

/** A manifest that does not fit is left to the record. */
function fitted(leaf: Leaf): Leaf {
  if (leaf.told?.run === undefined || leafBytes(leaf).length <= MAX_LEAF_BYTES) return leaf
  return {...leaf, told: {...leaf.told, run: 'too-large'}}
}

function lockOf(lock: ObjectLock | undefined): {readonly lock?: Leaf['lock']} {
  const parsed = LeafLock.safeParse(lock)
  return lock !== undefined && parsed.success ? {lock: parsed.data} : {}
}
