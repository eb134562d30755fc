/** A record as bytes: one JSON line, gzip, named by the SHA-256 of what is stored. */
import {createHash} from 'node:crypto'
import {gunzipSync, gzipSync} from 'node:zlib'
import type {z} from 'zod'
import {AppError} from '../errors.ts'
import {recordKey} from './key.ts'
import {isOneMember} from './one-member.ts'
import {EvidenceRecord, MAX_DATA_BYTES, STREAM_SCHEMAS} from './schema.ts'
import {isStream} from './streams.ts'

/** A record ready to be put into a store. */
export interface SealedRecord {
  readonly record: EvidenceRecord
  readonly key: string
  /** SHA-256 of `bytes`. */
  readonly sha256: string
  /** The gzip bytes, compressed once. */
  readonly bytes: Uint8Array
}

/** Largest record that is read back, in bytes after gunzip: data, envelope, and room. */
const MAX_LINE_BYTES = 2 * MAX_DATA_BYTES
/** Whoever reads a record goes down into it: without a limit the stack of each reader would be one. */
const MAX_DEPTH = 100
const UTF8 = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true})

export function sha256Hex(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * Checks `value` against its stream's schema and turns it into stored bytes.
 * Parsing also puts the members into schema order.
 * @throws AppError `record.invalid`
 */
export function sealRecord(value: unknown): SealedRecord {
  const record = checkRecord(value)
  const bytes = gzipSync(`${JSON.stringify(record)}\n`, {level: 9})
  const sha256 = sha256Hex(bytes)
  return {record, sha256, bytes, key: recordKey(record.stream, record.id, sha256)}
}

/**
 * Checks `value` against its stream's schema and the limit on its size.
 * @throws AppError `record.invalid`
 */
export function checkRecord(value: unknown): EvidenceRecord {
  const record = parseRecord(value)
  const size = Buffer.byteLength(JSON.stringify(record.data))
  if (size > MAX_DATA_BYTES)
    throw new AppError('record.invalid', `data of the ${record.stream} record is ${size} bytes; at most ${MAX_DATA_BYTES} are kept in a record`, {
      fix: 'Attach large content as a blob.',
    })
  return record
}

/**
 * Reads stored bytes back. Only a text that `JSON.stringify` writes: a member twice, bytes that are no text or a second
 * gzip member are read in one way by one reader and in another by the next.
 * @throws AppError `record.invalid` where they are not one record on one line
 */
export function openRecord(bytes: Uint8Array): EvidenceRecord {
  let value: unknown
  try {
    const text = UTF8.decode(gunzipSync(bytes, {maxOutputLength: MAX_LINE_BYTES}))
    value = JSON.parse(text)
    if (!isOneMember(bytes) || text !== `${JSON.stringify(value)}\n`) throw new SyntaxError('not one line')
  } catch (cause) {
    throw new AppError('record.invalid', 'record is not one gzipped JSON line', {cause})
  }
  return parseRecord(value)
}

function parseRecord(value: unknown): EvidenceRecord {
  if (isDeeper(value, MAX_DEPTH)) throw new AppError('record.invalid', `record is nested deeper than ${MAX_DEPTH}`)
  const stream = typeof value === 'object' && value !== null && 'stream' in value ? value.stream : undefined
  // The stream's own schema gives faults about one shape, not about twelve.
  const schema: z.ZodType<EvidenceRecord> = isStream(stream) ? STREAM_SCHEMAS[stream] : EvidenceRecord
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(record)'}: ${issue.message}`)
  throw new AppError('record.invalid', `record does not fit the schema: ${faults.slice(0, 10).join('; ')}`)
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((one) => isDeeper(one, levels - 1))
}
