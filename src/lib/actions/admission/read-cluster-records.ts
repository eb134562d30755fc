/**
 * The records of one cluster, out of a store that several may report into: each read whole, with its digest checked.
 *
 * Rules: by the id, whose first letters are a time; one that cannot be read may be any cluster's, so it is counted, never
 * passed over in silence.
 */
import {AppError} from '../../errors.ts'
import {parseRecordKey, RECORDS, ulidTime} from '../../evidence/key.ts'
import {openRecord, sha256Hex} from '../../evidence/record.ts'
import type {EvidenceRecord, RecordOf} from '../../evidence/schema.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'
import {inOrder} from '../in-order.ts'

export type ClusterStream = 'admission' | 'enforcement' | 'canary' | 'break-glass'

export interface ClusterRecords<S extends ClusterStream> {
  /** From the oldest on. */
  readonly records: readonly RecordOf<S>[]
  /** Keys of those that were altered, or are of no known schema. */
  readonly unreadable: readonly string[]
}

const AT_ONCE = 16

/** @param from milliseconds since 1970; 0 for all. @throws AppError `store.*` */
export async function readClusterRecords<S extends ClusterStream>(stream: S, cluster: string, from: number, store: EvidenceStore): Promise<ClusterRecords<S>> {
  const keys: string[] = []
  for await (const key of store.list(`${RECORDS}${stream}/`)) {
    const parts = parseRecordKey(key)
    if (parts !== undefined && ulidTime(parts.id) >= from) keys.push(key)
  }
  const records: {id: string; record: RecordOf<S>}[] = []
  const unreadable: string[] = []
  for await (const {key, record} of inOrder(keys, AT_ONCE, async (name) => ({key: name, record: await readOne(name, store)}))) {
    if (record === undefined || !isOf(record, stream)) unreadable.push(key)
    else if (clusterOf(record) === cluster) records.push({id: key.slice(key.lastIndexOf('/')), record})
  }
  return {records: records.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(({record}) => record), unreadable}
}

function clusterOf(record: EvidenceRecord): string | undefined {
  const {detail} = record.data
  return 'cluster' in detail ? detail.cluster : undefined
}

/** Undefined where its bytes are not what its name says, or no record. */
async function readOne(key: string, store: EvidenceStore): Promise<EvidenceRecord | undefined> {
  const bytes = await store.get(key)
  if (bytes === undefined || sha256Hex(bytes) !== parseRecordKey(key)?.sha256) return undefined
  try {
    return openRecord(bytes)
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

function isOf<S extends ClusterStream>(record: EvidenceRecord, stream: S): record is RecordOf<S> {
  return record.stream === stream
}
