/** The newest record of a stream about one image, read from a store that may be read. */
import {AppError} from '../../errors.ts'
import {blobKey, parseRecordKey, RECORDS} from '../../evidence/key.ts'
import {openRecord, sha256Hex} from '../../evidence/record.ts'
import type {RecordOf} from '../../evidence/schema.ts'
import type {Stream} from '../../evidence/streams.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'

export interface FoundRecord<S extends Stream> {
  readonly record: RecordOf<S>
  readonly sha256: string
}

/** @throws AppError `record.altered`, `record.invalid`, `store.*` */
export async function newestRecord<S extends Stream>(
  stream: S,
  digest: string,
  store: EvidenceStore,
  accept: (record: RecordOf<S>) => boolean = () => true,
): Promise<FoundRecord<S> | undefined> {
  const keys: {key: string; id: string; sha256: string}[] = []
  for await (const key of store.list(`${RECORDS}${stream}/`)) {
    const parts = parseRecordKey(key)
    if (parts !== undefined) keys.push({key, id: parts.id, sha256: parts.sha256})
  }
  // ULIDs sort by time.
  for (const {key, sha256} of keys.toSorted((a, b) => (a.id < b.id ? 1 : -1))) {
    const record = await readRecord(key, sha256, store)
    if (isOf(record, stream) && record.subject.endsWith(digest) && accept(record)) return {record, sha256}
  }
  return undefined
}

/** The bytes of the blob that `record` names so. @throws AppError `blob.missing`, `blob.altered` */
export async function readBlob(record: RecordOf<Stream>, name: string, store: EvidenceStore): Promise<Uint8Array> {
  const blob = record.data.blobs.find((item) => item.name === name)
  const bytes = blob === undefined ? undefined : await store.get(blobKey(blob.sha256))
  if (blob === undefined || bytes === undefined) throw new AppError('blob.missing', `record ${record.id} has no blob ${name} in ${store.address}`)
  if (sha256Hex(bytes) !== blob.sha256) throw new AppError('blob.altered', `the blob ${name} of record ${record.id} does not match its digest`)
  return bytes
}

function isOf<S extends Stream>(record: RecordOf<Stream>, stream: S): record is RecordOf<S> {
  return record.stream === stream
}

async function readRecord(key: string, sha256: string, store: EvidenceStore): Promise<RecordOf<Stream>> {
  const bytes = await store.get(key)
  if (bytes === undefined) throw new AppError('store.unreachable', `${key} was listed, and then was not there`)
  if (sha256Hex(bytes) !== sha256) throw new AppError('record.altered', `the record ${key} does not match its digest`)
  return openRecord(bytes)
}
