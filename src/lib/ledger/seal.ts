/**
 * A seal: the leaves that one append added to the log, and what the next append needs. `log/seal/<12 digits>.json.gz`.
 *
 * Whoever creates the object has made the append: a seal is written once, by one conditional put, and never changed.
 */
import {gunzipSync, gzipSync} from 'node:zlib'
import {z} from 'zod'
import {AppError} from '../errors.ts'
import {Count, Origin, Sha256, Time} from '../evidence/primitives.ts'
import {sha256Hex} from '../evidence/record.ts'
import {STREAMS} from '../evidence/streams.ts'
import {Leaf} from './leaf.ts'

/** How much of one day of a stream is sealed. */
const Total = z.strictObject({
  stream: z.enum(STREAMS),
  dt: z.iso.date(),
  /** Record versions that are sealed. */
  count: Count,
  /** The greatest key among them, its last part: all that sorts after it is not sealed. */
  upto: z.string().max(128),
  /** The seal that has the first of them. */
  first: Count,
})
export type Total = z.infer<typeof Total>

export const Seal = z.strictObject({
  v: z.literal(1),
  /** From 1. */
  n: z.int().min(1),
  origin: Origin,
  /** SHA-256 of the stored bytes of the seal before; absent on the first. */
  prev: Sha256.optional(),
  size_before: Count,
  size_after: Count,
  /** RFC 6962 tree hashes, hex. */
  root_before: Sha256,
  root_after: Sha256,
  /** By the sealer's clock. */
  sealed_at: Time,
  sealer: z.string().max(64),
  /** In the order of the log. None: a sign of life. */
  entries: z.array(Leaf),
  /** Of the tree after it. */
  frontier: z.array(Sha256).max(64),
  /** The first day that `totals` tells of: every later one that has a sealed record stands there. */
  since: z.iso.date(),
  /** By stream, then day. */
  totals: z.array(Total),
  /** When the last 35 days, and everything, were last searched for what is not sealed; 1970 where they never were. */
  swept: z.strictObject({window: Time, all: Time}),
})
export type Seal = z.infer<typeof Seal>

/** Entries of one seal: a few megabytes. */
export const MAX_ENTRIES = 5_000
/** Their bytes as leaves: a seal ends before, where entries are large. */
export const MAX_ENTRY_BYTES = 16 * 1024 * 1024
const MAX_SEAL_BYTES = 64 * 1024 * 1024

export interface StoredSeal {
  readonly seal: Seal
  readonly bytes: Uint8Array
  /** Of `bytes`. */
  readonly sha256: string
}

export function encodeSeal(seal: Seal): StoredSeal {
  const bytes = gzipSync(textOf(Seal.parse(seal)), {level: 6})
  return {seal, bytes, sha256: sha256Hex(bytes)}
}

/**
 * Only a text that `encodeSeal` would write: members twice, in another order or with other spaces are read in one way by
 * one parser and in another by the next.
 * @throws AppError `seal.unreadable`, naming `key`
 */
export function decodeSeal(bytes: Uint8Array, key: string): StoredSeal {
  let text: string
  let value: unknown
  try {
    text = gunzipSync(bytes, {maxOutputLength: MAX_SEAL_BYTES}).toString('utf8')
    value = JSON.parse(text)
  } catch (cause) {
    throw new AppError('seal.unreadable', `${key} is not one gzipped JSON document`, {cause})
  }
  const parsed = Seal.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new AppError('seal.unreadable', `${key} is not a seal: ${issue?.path.join('.') || '(top)'}: ${issue?.message}`)
  }
  if (text !== textOf(parsed.data)) throw new AppError('seal.unreadable', `${key} is not written as a sealer writes it`)
  return {seal: parsed.data, bytes, sha256: sha256Hex(bytes)}
}

function textOf(seal: Seal): string {
  return `${JSON.stringify(seal)}\n`
}
