/**
 * What a found signature claims, in one shape for every form of it. Nothing in
 * a claim is checked: it says what there is to check.
 */
import type {TransparencyLogEntry} from '@sigstore/bundle'
import type {SignedBytes} from './signed-bytes.ts'

export interface Claim {
  readonly signer: ClaimedSigner
  readonly signature: Buffer
  readonly signed: SignedBytes
  /** SHA-256 that an entry of a log names: of the payload, where an envelope stands around it. */
  readonly logged: () => Buffer
  /** RFC 3161 responses (DER), and what they are about. */
  readonly timestamps: readonly Buffer[]
  readonly stamped: Buffer
  readonly entries: readonly TransparencyLogEntry[]
  readonly content: ClaimedContent
}

export type ClaimedSigner =
  /** Base64 of the SHA-256 of a public key; empty where the signature does not say. */
  | {readonly kind: 'key'; readonly hint: string}
  /** The signing certificate, DER. Whatever else was sent along is not looked at: authorities come from the trusted root. */
  | {readonly kind: 'certificate'; readonly der: Buffer}

export type ClaimedContent =
  | {readonly kind: 'statement'; readonly payload: Buffer}
  | {readonly kind: 'simple-signing'; readonly payload: Buffer}
  | {readonly kind: 'message'; readonly digest: string}

/** More than any honest signature has of one thing; each costs a verification. */
export const MAX_OF_A_KIND = 16
/** Of a certificate or a timestamp; honest ones have some thousand. The library's reading takes longer than in proportion. */
export const MAX_DER_BYTES = 32 * 1024
