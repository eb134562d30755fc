/** All records of one stream, oldest first. All or nothing: one that cannot be read may have been the one that matters. */
import {AppError} from '../../errors.ts'
import {parseRecordKey, RECORDS, ulidTime} from '../../evidence/key.ts'
import {openRecord, sha256Hex} from '../../evidence/record.ts'
import type {RecordOf} from '../../evidence/schema.ts'
import type {Stream} from '../../evidence/streams.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'
import {inOrder} from '../in-order.ts'

/** Requests to a store at the same time. */
const AT_ONCE = 16

/** @param since only what was recorded from then on. @throws AppError `record.*`, `store.*` */
export async function* recordsOf<S extends Stream>(stream: S, store: EvidenceStore, since: Date = new Date(0)): AsyncGenerator<RecordOf<S>> {
  const keys: {key: string; id: string; sha256: string}[] = []
  for await (const key of store.list(`${RECORDS}${stream}/`)) {
    const parts = parseRecordKey(key)
    if (parts === undefined) throw new AppError('record.unknown-object', `${key} lies among the records of ${stream}, and is none`)
    if (ulidTime(parts.id) >= since.getTime()) keys.push({key, ...parts})
  }
  // ULIDs sort by time.
  yield* inOrder(
    keys.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    AT_ONCE,
    async ({key, id, sha256}) => {
      const bytes = await store.get(key)
      if (bytes === undefined || sha256Hex(bytes) !== sha256) throw new AppError('record.altered', `the record ${key} does not match its digest`)
      const record = openRecord(bytes)
      if (!isOf(record, stream) || record.id !== id) throw new AppError('record.misplaced', `${key} holds record ${record.id} of ${record.stream}`)
      return record
    },
  )
}

function isOf<S extends Stream>(record: RecordOf<Stream>, stream: S): record is RecordOf<S> {
  return record.stream === stream
}
