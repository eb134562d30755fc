/**
 * The admission records of a store by the uid of their request, while a server still ships more of them.
 *
 * Promise: a record is read once, with its digest checked, and what `until` gives is all that the store held when the last of
 * the wanted ones was there. It waits for ever: a test's own time ends it.
 */
import {setTimeout as wait} from 'node:timers/promises'
import {parseRecordKey, RECORDS} from '../src/lib/evidence/key.ts'
import {openRecord, sha256Hex} from '../src/lib/evidence/record.ts'
import type {RecordOf} from '../src/lib/evidence/schema.ts'
import {openStore} from './open-store.ts'

export type AdmissionRecord = RecordOf<'admission'>

export interface StoredAdmissions {
  /** As soon as each of these requests has a record. */
  until(uids: Iterable<string>): Promise<ReadonlyMap<string, readonly AdmissionRecord[]>>
}

export async function storedAdmissions(address: string): Promise<StoredAdmissions> {
  const store = await openStore(address)
  const found = new Map<string, AdmissionRecord[]>()
  const known = new Set<string>()
  const read = async (key: string) => {
    const bytes = await store.get(key)
    if (bytes === undefined || sha256Hex(bytes) !== parseRecordKey(key)?.sha256) throw new Error(`${key} is not what its name says`)
    const record = openRecord(bytes)
    if (record.stream !== 'admission') throw new Error(`${key} is none of an admission`)
    const {uid} = record.data.detail
    found.set(uid, [...(found.get(uid) ?? []), record])
    known.add(key)
  }
  return {
    async until(uids) {
      const wanted = [...uids]
      for (;;) {
        for await (const key of store.list(`${RECORDS}admission/`)) if (!known.has(key)) await read(key)
        if (wanted.every((uid) => found.has(uid))) return found
        await wait(200)
      }
    },
  }
}
