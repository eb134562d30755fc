/** What is revoked now, out of all records of the stream: read from the oldest on, the later word on a digest wins. */
import {AppError} from '../../errors.ts'
import {parseRecordKey, RECORDS} from '../../evidence/key.ts'
import {openRecord, sha256Hex} from '../../evidence/record.ts'
import type {RecordOf} from '../../evidence/schema.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'
import type {RevokedImage} from '../../predicates/revocations.ts'

/** @throws AppError `record.*`, `store.*` */
export async function replayRevocations(store: EvidenceStore): Promise<ReadonlyMap<string, RevokedImage>> {
  return revokedBy(await revocationRecords(store))
}

/** What the records say together. @param records oldest first */
export function revokedBy(records: readonly RecordOf<'revocation'>[]): ReadonlyMap<string, RevokedImage> {
  const revoked = new Map<string, RevokedImage>()
  for (const {id, data} of records) {
    const {detail} = data
    if (detail.action === 'revoke') {
      // Whoever may not read revokes again without knowing: another word does not make it younger.
      const before = revoked.get(detail.what)?.since
      const since = before !== undefined && before < detail.since ? before : detail.since
      revoked.set(detail.what, {digest: detail.what, reason: detail.reason, since, record: id})
    }
    if (detail.action === 'reinstate') revoked.delete(detail.what)
  }
  return revoked
}

/**
 * Oldest first. All or nothing: a record that cannot be read may have been a revocation.
 * @throws AppError `record.*`, `store.*`
 */
export async function revocationRecords(store: EvidenceStore): Promise<RecordOf<'revocation'>[]> {
  const keys: {key: string; id: string; sha256: string}[] = []
  for await (const key of store.list(`${RECORDS}revocation/`)) {
    const parts = parseRecordKey(key)
    if (parts === undefined) throw new AppError('record.unknown-object', `${key} lies among the revocations, and is no record`)
    keys.push({key, id: parts.id, sha256: parts.sha256})
  }
  const records: RecordOf<'revocation'>[] = []
  // ULIDs sort by time.
  for (const {key, id, sha256} of keys.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    // oxlint-disable-next-line no-await-in-loop -- a list that is long must not become a storm of requests
    const bytes = await store.get(key)
    if (bytes === undefined || sha256Hex(bytes) !== sha256) throw new AppError('record.altered', `the record ${key} does not match its digest`)
    const record = openRecord(bytes)
    if (record.stream !== 'revocation' || record.id !== id) throw new AppError('record.misplaced', `${key} holds record ${record.id} of ${record.stream}`)
    records.push(record)
  }
  return records
}
