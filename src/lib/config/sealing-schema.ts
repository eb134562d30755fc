/** The part of `hipaa-ci.yaml` that is about the store as a whole: the log over it, and who may write into it. */
import {z} from 'zod'
import {STREAMS} from '../evidence/streams.ts'
import {Origin} from '../evidence/primitives.ts'
import {Duration, StoreAddress, TimestampPin} from './fields.ts'

/** The log over the evidence: who signs its checkpoints, who may have signed them, and how old it may be. */
export const Sealing = z.strictObject({
  key: z
    .string()
    .regex(/^(file:.+|awskms:.+)$/, 'must be file:PATH or the URI of a key in AWS KMS, like awskms:///alias/evidence-checkpoint')
    .optional(),
  origin: Origin,
  /** Verifier keys (C2SP signed-note), old ones too: `<origin>+<8 hex>+<base64>`. Default: the public half of `key`. */
  keys: z
    .array(z.string().regex(/^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}$/, 'must be a verifier key, like acme.example/log+1a2b3c4d+AbC…'))
    .min(1)
    .optional(),
  /** A seal at least so often, also where nothing is new: an older newest seal is a finding. Absent: none is owed. */
  heartbeat: Duration.optional(),
  /** Records that lie unsealed for longer are a finding. */
  'max-lag': Duration.default(86_400_000),
  /** An RFC 3161 authority that new checkpoints are shown to. */
  timestamp: z.url({protocol: /^https?$/, error: 'must be an http(s) address'}).optional(),
  /** Whose timestamps on checkpoints count. */
  'timestamp-authorities': z.array(TimestampPin).optional(),
  /** Where new checkpoints are copied to, out of the hands of who owns the store. */
  copies: z.array(StoreAddress).optional(),
})
export type Sealing = z.infer<typeof Sealing>

/** Who may write which stream: principals as CloudTrail names them, ARNs with `*`. */
export const Writers = z.record(
  z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and hyphens'),
  z.strictObject({principals: z.array(z.string().min(1)).min(1), streams: z.array(z.enum(STREAMS)).min(1)}),
)
