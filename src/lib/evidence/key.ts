/**
 * Where things lie in a store: `records/v1/<stream>/dt=<UTC date>/<ULID>-<sha256>.json.gz`, `blobs/sha256/<aa>/<hex>`, and
 * the log over them, `log/seal/<n>.json.gz`, `log/checkpoint/<n>` and `log/timestamp/<n>.tsr` with n from 1 in 12 digits.
 */
import type {Stream} from './streams.ts'

export const RECORDS = 'records/v1/'
export const BLOBS = 'blobs/sha256/'
/** Only sealers write below it. */
export const LOG = 'log/'
export const SEALS = 'log/seal/'
export const CHECKPOINTS = 'log/checkpoint/'
export const TIMESTAMPS = 'log/timestamp/'

const RECORD_KEY = /^records\/v1\/([a-z-]+)\/dt=(\d{4}-\d\d-\d\d)\/([0-7][0-9A-HJKMNP-TV-Z]{25})-([0-9a-f]{64})\.json\.gz$/
const BLOB_KEY = /^blobs\/sha256\/([0-9a-f]{2})\/([0-9a-f]{64})$/
const SEAL_KEY = /^log\/seal\/(\d{12})\.json\.gz$/
const CHECKPOINT_KEY = /^log\/checkpoint\/(\d{12})$/
const TIMESTAMP_KEY = /^log\/timestamp\/(\d{12})\.tsr$/
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** The key of a record; `sha256` is the digest of its stored (gzip) bytes. */
export function recordKey(stream: Stream, id: string, sha256: string): string {
  return `${RECORDS}${stream}/dt=${ulidDate(id)}/${id}-${sha256}.json.gz`
}

export function blobKey(sha256: string): string {
  return `${BLOBS}${sha256.slice(0, 2)}/${sha256}`
}

/** @param n from 1 */
export function sealKey(n: number): string {
  return `${SEALS}${String(n).padStart(12, '0')}.json.gz`
}

export function checkpointKey(n: number): string {
  return `${CHECKPOINTS}${String(n).padStart(12, '0')}`
}

/** Of the RFC 3161 response about the whole note of a checkpoint. */
export function timestampKey(n: number): string {
  return `${TIMESTAMPS}${String(n).padStart(12, '0')}.tsr`
}

/** The number of a seal; undefined where `key` is not one's. */
export function parseSealKey(key: string): number | undefined {
  return numberOf(SEAL_KEY.exec(key)?.[1])
}

/** The number of the seal that a checkpoint is of; undefined where `key` is not one's. */
export function parseCheckpointKey(key: string): number | undefined {
  return numberOf(CHECKPOINT_KEY.exec(key)?.[1])
}

/** The number of the checkpoint that a timestamp is of; undefined where `key` is not one's. */
export function parseTimestampKey(key: string): number | undefined {
  return numberOf(TIMESTAMP_KEY.exec(key)?.[1])
}

export interface RecordKeyParts {
  readonly stream: string
  readonly date: string
  readonly id: string
  readonly sha256: string
}

/** The parts of a record key; undefined where `key` is not one, or its date is not its ULID's. */
export function parseRecordKey(key: string): RecordKeyParts | undefined {
  const [, stream, date, id, sha256] = RECORD_KEY.exec(key) ?? []
  if (stream === undefined || date === undefined || id === undefined || sha256 === undefined) return undefined
  return ulidDate(id) === date ? {stream, date, id, sha256} : undefined
}

/** The digest that a blob key names; undefined where `key` is not one. */
export function parseBlobKey(key: string): string | undefined {
  const [, prefix, hex] = BLOB_KEY.exec(key) ?? []
  return hex !== undefined && prefix !== undefined && hex.startsWith(prefix) ? hex : undefined
}

/** Milliseconds since 1970 out of a ULID. */
export function ulidTime(id: string): number {
  let ms = 0
  for (const letter of id.slice(0, 10)) ms = ms * 32 + CROCKFORD.indexOf(letter)
  return ms
}

function numberOf(digits: string | undefined): number | undefined {
  const n = Number(digits ?? 0)
  return n > 0 ? n : undefined
}

function ulidDate(id: string): string {
  return new Date(ulidTime(id)).toISOString().slice(0, 10)
}
