/**
 * Brings the index up to date with the store: reads what is new, notices what is gone.
 *
 * Rules: the digest of everything that is read is checked; what was altered
 * stops it, and is never skipped. Evidence that is whole but cannot be read
 * becomes a fault, which every answer names.
 */
import {AppError} from '../../errors.ts'
import {blobKey, parseRecordKey, RECORDS, type RecordKeyParts} from '../../evidence/key.ts'
import {openRecord, sha256Hex} from '../../evidence/record.ts'
import type {EvidenceRecord} from '../../evidence/schema.ts'
import {faultRow, wantedBlobs, type WantedBlob} from '../../index/flatten-blob.ts'
import {flattenRecord} from '../../index/flatten-record.ts'
import {mergeKeys} from '../../index/merge-keys.ts'
import type {TableRow} from '../../index/tables.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'

export interface IndexState {
  /** Records that were read and checked now. */
  readonly added: number
  /** Keys that an earlier index met and the store no longer has: the first hundred, and how many there are. */
  readonly gone: readonly string[]
  readonly goneCount: number
  /** Keys under `records/` that are no evidence: the first hundred, and how many there are. */
  readonly foreign: readonly string[]
  readonly foreignCount: number
}

const NAMED = 100
const PROGRESS_EVERY = 500

/** @throws AppError `record.altered`, `blob.altered`, `blob.missing`, `store.*`, `query.engine` */
export async function updateIndex({fresh}: {readonly fresh: boolean}, context: Context): Promise<IndexState> {
  const [store, index] = [await context.store(), await context.index()]
  return index.update(fresh, async (update) => {
    const gone = new Sample()
    const foreign = new Sample()
    let added = 0
    for await (const {kind, key} of mergeKeys(recordKeys(store, foreign), update.known())) {
      if (kind === 'gone') {
        gone.add(key)
        if (update.rebuild) await update.append('vanished', {record_key: key})
      } else {
        for await (const rows of readRecord(key, store)) for (const {table, row} of rows) await update.append(table, row)
        added += 1
        if (added % PROGRESS_EVERY === 0) context.progress.step(`Indexing evidence: ${added} records`)
      }
    }
    return {added, gone: gone.first, goneCount: gone.count, foreign: foreign.first, foreignCount: foreign.count}
  })
}

class Sample {
  readonly first: string[] = []
  count = 0

  add(item: string): void {
    this.count += 1
    if (this.first.length < NAMED) this.first.push(item)
  }
}

async function* recordKeys(store: EvidenceStore, foreign: Sample): AsyncGenerator<string> {
  for await (const key of store.list(RECORDS)) {
    if (parseRecordKey(key) === undefined) foreign.add(key)
    else yield key
  }
}

/** The rows of the record, then those of each blob: one document in memory at a time. */
async function* readRecord(key: string, store: EvidenceStore): AsyncGenerator<readonly TableRow[]> {
  const parts = parseRecordKey(key)
  const bytes = await store.get(key)
  if (parts === undefined || bytes === undefined) throw new AppError('store.unreachable', `${key} was listed, and then was not there`)
  if (sha256Hex(bytes) !== parts.sha256) throw new AppError('record.altered', `the record ${key} does not match its digest`)
  const record = openWhole(bytes)
  if (record instanceof AppError) yield [faultRow({key}, record.code, `${key}: ${record.message}`)]
  else if (isMisplaced(record, parts)) yield [faultRow({key}, 'record.misplaced', `${key} holds the ${record.stream} record ${record.id}`)]
  else {
    const found = {key, record, sha256: parts.sha256}
    yield flattenRecord(found)
    for (const blob of wantedBlobs(found)) {
      if (blob.sha256 === undefined)
        yield [faultRow(found, 'blob.missing', `the ${record.stream} record ${record.id} names the blob ${blob.name}, and does not list it`)]
      // oxlint-disable-next-line no-await-in-loop -- large, and bounded in memory one after another
      else yield blob.flatten(await readBlob(blob.sha256, blob, record, store))
    }
  }
}

/** Bytes that are as they were written, but were never a record, may lie there for years: the rest must stay readable. */
function openWhole(bytes: Uint8Array): EvidenceRecord | AppError {
  try {
    return openRecord(bytes)
  } catch (error) {
    if (error instanceof AppError && error.code === 'record.invalid') return error
    throw error
  }
}

function isMisplaced(record: EvidenceRecord, {stream, id}: RecordKeyParts): boolean {
  return record.stream !== stream || record.id !== id
}

async function readBlob(sha256: string, {name}: WantedBlob, record: EvidenceRecord, store: EvidenceStore): Promise<Uint8Array> {
  const bytes = await store.get(blobKey(sha256))
  if (bytes === undefined) throw new AppError('blob.missing', `record ${record.id} names the blob ${name}, which is not in ${store.address}`)
  if (sha256Hex(bytes) !== sha256) throw new AppError('blob.altered', `the blob ${name} of record ${record.id} does not match its digest`)
  return bytes
}
