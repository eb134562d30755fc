/**
 * A leaf of the log: one version of a record, as the sealer found it. Its bytes are RFC 8785 JSON.
 *
 * It says enough of the record to rebuild a run from leaves alone; only `evidence verify --full` reads records again.
 * The tree's entries are limited to 65,535 bytes (C2SP tlog-tiles), so a run's manifest that would not fit is left out.
 */
import canonicalize from 'canonicalize'
import {z} from 'zod'
import {RunDetail} from '../evidence/details.ts'
import {Code, Count, Sha256, Time, Ulid} from '../evidence/primitives.ts'
import {OUTCOMES} from '../evidence/schema.ts'
import {STREAMS} from '../evidence/streams.ts'

/** The largest entry that a tile's bundle can hold, in bytes. */
export const MAX_LEAF_BYTES = 65_535

/** How an object was locked. `until` is UTC with milliseconds; absent where only a legal hold keeps it. */
export const LeafLock = z.strictObject({mode: z.enum(['COMPLIANCE', 'GOVERNANCE']).optional(), until: Time.optional(), hold: z.literal(true).optional()})

/** What the record says; absent where it could not be read, and `fault` says why. */
const Told = z.strictObject({
  runid: Ulid,
  job: Code,
  seq: Count,
  prevsha256: Sha256.optional(),
  time: Time,
  outcome: z.enum(OUTCOMES),
  /** Digests of the blobs that it names. */
  blobs: z.array(Sha256).max(256),
  /** Of records of the stream `run`; `too-large` where it does not fit, and is to be read from the record. */
  run: z.union([RunDetail, z.literal('too-large')]).optional(),
})

export const Leaf = z.strictObject({
  v: z.literal(1),
  key: z.string().max(256),
  /** Absent in a store that has no versions. */
  version: z.string().min(1).max(1024).optional(),
  /** Of the bytes that were read. */
  sha256: Sha256,
  size: Count,
  /** By the store's clock, UTC; a folder's is anybody's. */
  last_modified: Time,
  /** Absent where the store locks nothing, or does not say. */
  lock: LeafLock.optional(),
  stream: z.enum(STREAMS),
  told: Told.optional(),
  /** A reason code: what was wrong when it was sealed. */
  fault: Code.optional(),
})
export type Leaf = z.infer<typeof Leaf>

export function leafBytes(leaf: Leaf): Uint8Array {
  return Buffer.from(canonicalize(leaf) ?? '')
}
