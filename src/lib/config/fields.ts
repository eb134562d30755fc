/** The small typed values that a configuration is made of. */
import {z} from 'zod'
import {storeAddressFault} from '../evidence/store-address.ts'
import {addressFault, isWebAddress} from '../evidence/web-address.ts'

/** `90s`, `15m`, `24h`, `7d` -> milliseconds. */
export const Duration = z
  .string()
  .regex(/^\d{1,6}[smhd]$/, 'must be a number and a unit: 90s, 15m, 24h, 7d')
  .transform((text) => Number(text.slice(0, -1)) * (text.endsWith('s') ? 1_000 : text.endsWith('m') ? 60_000 : text.endsWith('h') ? 3_600_000 : 86_400_000))

/** `file:PATH`, or the URI of a key in a key service. */
export const SigningKeyReference = z
  .string()
  .regex(/^(file:.+|(awskms|gcpkms|azurekms|hashivault|openbao|k8s|pkcs11):.+)$/, 'must be file:PATH or the URI of a key service, like awskms:///alias/NAME')

export const FilePin = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256:<64 hex> of the file')
export const SpkiPin = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256:<64 hex> of the public key (SPKI)')
export const Day = z.iso.date('must be a date, like 2027-03-31')

/** An RFC 3161 authority: a file with its certificates (PEM, the signing one first), by the file's digest. */
export const TimestampPin = z.strictObject({file: z.string().min(1), sha256: FilePin, from: Day.optional(), until: Day.optional()})
export type TimestampPin = z.infer<typeof TimestampPin>

/** A path, or an address that a small document may be fetched from. */
export const FileOrAddress = z
  .string()
  .min(1)
  .refine((text) => !isWebAddress(text) || addressFault(text) === undefined, 'must be a path, or an https address without credentials (http on this machine)')

/** Where records lie. */
export const StoreAddress = z.string().refine((text) => storeAddressFault(text) === undefined, {error: ({input}) => storeAddressFault(String(input))})
