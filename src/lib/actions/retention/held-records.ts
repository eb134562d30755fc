/**
 * Which records are under a legal hold, by the records of the stream `hold`: the later word on a record counts.
 *
 * All versions are read, hidden ones too: a delete marker must not lift a hold. One that cannot be read may be about any
 * record, so that nothing is said then.
 */
import {AppError} from '../../errors.ts'
import {parseRecordKey, RECORDS} from '../../evidence/key.ts'
import {openRecord, sha256Hex} from '../../evidence/record.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'

export interface HeldRecord {
  /** Its id. */
  readonly record: string
  readonly reason: string
  readonly ticket?: string
  /** UTC. */
  readonly since: string
  /** Versions of objects that it was put on. */
  readonly objects: number
  /** Id of the record that says so. */
  readonly by: string
}

/** By the id of the record that is held. @throws AppError `record.*`, `store.*` */
export async function heldRecords(store: EvidenceStore): Promise<Map<string, HeldRecord>> {
  const found: {readonly key: string; readonly id: string; readonly sha256: string; readonly version: string | undefined}[] = []
  for await (const {key, kind, version} of store.versions(`${RECORDS}hold/`)) {
    if (kind !== 'object') continue
    const parts = parseRecordKey(key)
    if (parts === undefined) throw new AppError('record.unknown-object', `${key} lies among the holds, and is no record`)
    found.push({key, id: parts.id, sha256: parts.sha256, version})
  }
  const held = new Map<string, HeldRecord>()
  // ULIDs sort by time.
  for (const {key, id, sha256, version} of found.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    // oxlint-disable-next-line no-await-in-loop -- holds are few
    const bytes = (await store.read(key, version))?.bytes
    if (bytes === undefined || sha256Hex(bytes) !== sha256) throw new AppError('record.altered', `the record ${key} does not match its digest`)
    const record = openRecord(bytes)
    if (record.stream !== 'hold' || record.id !== id) throw new AppError('record.misplaced', `${key} holds record ${record.id} of ${record.stream}`)
    const {action, what, reason, ticket, since, objects} = record.data.detail
    if (action === 'remove') held.delete(what)
    else held.set(what, {record: what, reason, ...(ticket !== undefined && {ticket}), since, objects, by: id})
  }
  return held
}
