/** What the records say that are about the store itself. Frozen at the first release, as `details.ts`. */
import {z} from 'zod'
import {Code, Count, PrincipalId, Sha256, Time, Ulid} from './primitives.ts'

const list = <T extends z.ZodType>(item: T, max = 200) => z.array(item).max(max)

/** `hold`: a legal hold on a record and its blobs, or its end. */
export const HoldDetail = z.strictObject({
  action: z.enum(['add', 'remove']),
  /** The record. */
  what: Ulid,
  reason: Code,
  ticket: Code.optional(),
  since: Time,
  /** Versions of objects on which it was set. */
  objects: Count,
})

/** `store-audit`: what protects the store, as it was found. */
export const StoreAuditDetail = z.strictObject({
  versioning: Code,
  lock: Code,
  /** What a new version gets; absent where nothing is set. */
  retention: z.strictObject({mode: Code, days: Count}).optional(),
  records: Count,
  blobs: Count,
  /** Of so many versions the lock of one was read; absent where all were. */
  one_in: Count.optional(),
  /** Delete markers, and versions beside the first of a key. */
  markers: Count,
  second_versions: Count,
  /** The earliest and latest end of a lock; absent where none was seen. */
  locked_until: z.strictObject({earliest: Time, latest: Time}).optional(),
  /** Who could shorten or remove, by the policy; absent where it could not be read. */
  may_shorten: list(PrincipalId).optional(),
  findings: list(z.strictObject({code: Code, count: Count}), 64),
})

/** `delivery`: records that waited in a spool and came later than they say. */
export const DeliveryDetail = z.strictObject({
  records: list(Sha256, 500),
  blobs: Count,
  /** By the records. */
  oldest: Time,
  newest: Time,
})
