/** Keys in a key service, and an authority that says when a signature was there. Types only. */
import type {ServiceCredential} from '../evidence/details.ts'
import type {TimestampAuthority, TrustedKey} from './signatures.ts'

/** A signing key in AWS KMS: looked at, and found fit, before anything is signed. */
export interface ServiceKey {
  readonly public: TrustedKey
  /** How the service knows who asks. */
  readonly credential: ServiceCredential
  /**
   * @param digest SHA-256 of what is signed
   * @returns ECDSA signature, ASN.1 DER
   * @throws AppError `key-service.*`
   */
  sign(digest: Uint8Array): Promise<Uint8Array>
  /** The variables by which a child process asks as the same one, and where. Secrets are among them. @throws AppError `key-service.*` */
  childVariables(): Promise<Readonly<Record<string, string>>>
}

/**
 * @param uri `awskms://[ENDPOINT]/KEY`
 * @throws AppError `key.missing`, `key.unsupported`, `key-service.*`
 */
export type OpenServiceKey = (uri: string) => Promise<ServiceKey>

/**
 * Holds an RFC 3161 response against pinned authorities.
 * @returns UTC with milliseconds; undefined where none of them vouches for it, or it is about other bytes
 */
export type TimestampTime = (response: Uint8Array, about: Uint8Array, authorities: readonly TimestampAuthority[]) => string | undefined

/**
 * Shows a signature, or other bytes, to an RFC 3161 authority.
 * @returns its TimeStampResp (DER): granted, and about these bytes
 * @throws AppError `timestamp.unreachable`
 */
export type RequestTimestamp = (url: string, signature: Uint8Array) => Promise<Uint8Array>

/** A key that signs checkpoints of the log: Ed25519, or ECDSA P-256 where Ed25519 is barred. */
export interface CheckpointKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array
  /** How a key service knows who asks; absent where the key is a file. */
  readonly credential?: ServiceCredential
  /**
   * What comes back verifies with `spki`.
   * @param text of a signed note, a few hundred bytes
   * @returns an Ed25519 signature, or an ECDSA one in ASN.1 DER
   * @throws AppError `key-service.*`
   */
  sign(text: Uint8Array): Promise<Uint8Array>
}

/**
 * @param reference `file:/absolute/path` (PKCS#8 PEM; its password is HIPAA_CI_SEALING_PASSWORD) or `awskms://[ENDPOINT]/KEY`
 * @throws AppError `key.missing`, `key.unreadable`, `key.unsupported`, `key-service.*`
 */
export type OpenCheckpointKey = (reference: string) => Promise<CheckpointKey>
