/**
 * Which records came late for a reason: they waited in a spool, and a `delivery` record names their digests.
 *
 * Rules: a delivery that came late itself accounts for nothing.
 */
import {AppError} from '../../errors.ts'
import type {EvidenceFinding} from '../../evidence/chain-link.ts'
import {parseRecordKey, RECORDS} from '../../evidence/key.ts'
import {openRecord} from '../../evidence/record.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'

/** @returns what nothing accounts for. @throws AppError `store.*` */
export async function accountForLate(late: ReadonlyMap<string, EvidenceFinding>, store: EvidenceStore): Promise<readonly EvidenceFinding[]> {
  const open = new Map([...late.entries()].map(([key, finding]) => [parseRecordKey(key)?.sha256 ?? key, finding]))
  if (open.size === 0) return []
  for await (const key of store.list(`${RECORDS}delivery/`)) {
    const bytes = late.has(key) || parseRecordKey(key) === undefined ? undefined : await store.get(key)
    for (const sha256 of bytes === undefined ? [] : deliveredBy(bytes)) open.delete(sha256)
  }
  return [...open.values()]
}

function deliveredBy(bytes: Uint8Array): readonly string[] {
  try {
    const record = openRecord(bytes)
    return record.stream === 'delivery' ? record.data.detail.records : []
  } catch (error) {
    // What is wrong with it is found where everything is looked at.
    if (error instanceof AppError) return []
    throw error
  }
}
