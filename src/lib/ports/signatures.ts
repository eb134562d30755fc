/** Trusted keys and what became of a bundle. Types only. */
import type {ReasonCode} from '../errors.ts'

/** A public key that a verification trusts. */
export interface TrustedKey {
  /** SHA-256 of the SubjectPublicKeyInfo (DER), hex. */
  readonly spki: string
  /** SubjectPublicKeyInfo as PEM. */
  readonly pem: string
}

/** What a Sigstore bundle turned out to be. `reason` is a code of the error table. */
export type BundleCheck =
  | {readonly state: 'verified'; readonly spki: string; readonly statement: unknown; readonly payload: Uint8Array}
  | {readonly state: 'failed'; readonly reason: ReasonCode; readonly message: string; readonly predicateType?: string}

/** In process, offline. Checks envelope, payload type, signature and key; never what the statement says. */
export type VerifyBundle = (bundle: Uint8Array, keys: readonly TrustedKey[]) => BundleCheck
