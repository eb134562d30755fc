/** Keys in a key service, and an authority that says when a signature was there. Types only. */
import type {ServiceCredential} from '../evidence/details.ts'
import type {TrustedKey} from './signatures.ts'

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
 * Shows a signature to an RFC 3161 authority.
 * @returns its TimeStampResp (DER): granted, and about this signature
 * @throws AppError `timestamp.unreachable`
 */
export type RequestTimestamp = (url: string, signature: Uint8Array) => Promise<Uint8Array>

/** A key that signs checkpoints of the log: Ed25519, or ECDSA P-256 where Ed25519 is barred. */
export interface CheckpointKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array
  /**
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
