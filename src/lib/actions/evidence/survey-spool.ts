/**
 * What waits in a spool, checked: which records and blobs may be delivered, and what may not, by its reason.
 *
 * A writer may be at work. Blobs are looked for after records, and a record that one of the first look points at is
 * taken along from the second, so that nothing goes before a blob or a record that it names.
 */
import {AppError, type ReasonCode} from '../../errors.ts'
import {parseBlobKey, parseRecordKey, recordKey, RECORDS} from '../../evidence/key.ts'
import {openRecord, sha256Hex} from '../../evidence/record.ts'
import type {Spool} from '../../ports/spool.ts'
import {inOrder, type WaitingRecord} from './delivery-order.ts'

export interface Refused {
  readonly code: ReasonCode
  readonly key: string
  readonly message: string
}

export interface Survey {
  /** In the order in which they go. */
  readonly records: readonly WaitingRecord[]
  /** Keys. */
  readonly blobs: readonly string[]
}

/** @param refused by key; what is found is added, and what is in it is not looked at again */
export async function surveySpool(spool: Spool, refused: Map<string, Refused>): Promise<Survey> {
  const first = await keysOf(spool, RECORDS)
  const all = (await keysOf(spool, '')).filter((key) => !refused.has(key))
  const byDigest = new Map(all.flatMap((key) => (parseRecordKey(key) === undefined ? [] : [[parseRecordKey(key)?.sha256 ?? '', key] as const])))
  for (const key of all)
    if (parseRecordKey(key) === undefined && parseBlobKey(key) === undefined)
      refused.set(key, {code: 'record.unknown-object', key, message: 'this is not evidence'})

  const records = new Map<string, WaitingRecord>()
  const open = first.filter((key) => !refused.has(key) && parseRecordKey(key) !== undefined)
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (records.has(key)) continue
    // oxlint-disable-next-line no-await-in-loop -- one in memory at a time
    const record = await look(spool, key, refused)
    if (record === undefined) continue
    records.set(key, record)
    const before = byDigest.get(record.prevsha256 ?? '')
    if (before !== undefined && !refused.has(before)) open.push(before)
  }
  return {records: inOrder([...records.values()]), blobs: all.filter((key) => parseBlobKey(key) !== undefined)}
}

/**
 * The bytes of a key if they are what it names. Undefined where they are gone, or refused.
 * @param refused is told why
 */
export async function checkedBytes(spool: Spool, key: string, refused: Map<string, Refused>): Promise<Uint8Array | undefined> {
  try {
    const bytes = await spool.get(key)
    if (bytes === undefined || sha256Hex(bytes) === (parseRecordKey(key)?.sha256 ?? parseBlobKey(key))) return bytes
    refused.set(key, {code: parseBlobKey(key) === undefined ? 'record.altered' : 'blob.altered', key, message: 'its bytes do not match the digest in its name'})
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'record.unknown-object') throw error
    refused.set(key, {code: error.code, key, message: 'this is no file'})
  }
  return undefined
}

async function look(spool: Spool, key: string, refused: Map<string, Refused>): Promise<WaitingRecord | undefined> {
  const bytes = await checkedBytes(spool, key, refused)
  const parts = parseRecordKey(key)
  if (bytes === undefined || parts === undefined) return undefined
  try {
    const record = openRecord(bytes)
    const {stream, id, time, prevsha256, data} = record
    if (recordKey(stream, id, parts.sha256) !== key) {
      refused.set(key, {code: 'record.misplaced', key, message: `its own name is ${recordKey(stream, id, parts.sha256)}`})
      return undefined
    }
    return {
      key,
      sha256: parts.sha256,
      id,
      time,
      ...(prevsha256 !== undefined && {prevsha256}),
      isEnd: record.stream === 'run' && record.data.detail.phase === 'end',
      blobs: data.blobs.map(({sha256}) => sha256),
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    refused.set(key, {code: error.code, key, message: error.message})
    return undefined
  }
}

async function keysOf(spool: Spool, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const key of spool.list(prefix)) keys.push(key)
  return keys
}
