/** Who may sign, and what became of a signature that was found. Types only. */
import type {ReasonCode} from '../errors.ts'
import type {SignerId} from '../evidence/details.ts'

/** A public key that a verification trusts. */
export interface TrustedKey {
  /** SHA-256 of the SubjectPublicKeyInfo (DER), hex. */
  readonly spki: string
  /** SubjectPublicKeyInfo as PEM. */
  readonly pem: string
}

/** A certificate's subject alternative name and the OIDC issuer that vouched for it (Fulcio); both are compared letter by letter. */
export interface TrustedIdentity {
  readonly issuer: string
  readonly identity: string
}

/** A pinned RFC 3161 authority. */
export interface TimestampAuthority {
  /** Certificates as PEM: the signing one first, then those above it, up to and with a self-signed root. */
  readonly chain: string
  /** The days in which its timestamps count; UTC, inclusive. */
  readonly from?: string
  readonly until?: string
}

/** Everything that a signature is held against. Nothing is fetched: what is not here is not trusted. */
export interface Trust {
  readonly keys: readonly TrustedKey[]
  readonly identities?: readonly TrustedIdentity[]
  /** A Sigstore trusted root (protobuf-specs `TrustedRoot` as JSON): authorities and logs that vouch for identities. */
  readonly trustedRoot?: unknown
  readonly timestampAuthorities?: readonly TimestampAuthority[]
}

/** A signature as it was found. */
export type FoundSignature =
  /** A Sigstore bundle, JSON. With `payload`, that of its envelope was cut out of a large one (`lib/intake/large-bundle.ts`). */
  | {readonly form: 'bundle'; readonly bytes: Uint8Array; readonly payload?: Uint8Array}
  /** Cosign 2, tag `.sig`: a simple-signing payload, the signature and certificate in the annotations of its layer. */
  | {readonly form: 'simple-signing'; readonly payload: Uint8Array; readonly annotations: Readonly<Record<string, string>>}
  /** Cosign 2, tag `.att`: a DSSE envelope, certificate and log entry in the annotations of its layer. */
  | {readonly form: 'envelope'; readonly envelope: Uint8Array; readonly annotations: Readonly<Record<string, string>>}

/** What a signature says that it signs. */
export type SignedContent =
  /** Of an SPDX document of many megabytes the long lists of `statement` are empty; `payload` is always whole. */
  | {readonly kind: 'statement'; readonly statement: unknown; readonly payload: Uint8Array}
  /** `containers/image` simple signing: about one manifest digest. */
  | {readonly kind: 'simple-signing'; readonly payload: Uint8Array; readonly digest: string; readonly repository?: string}
  /** A message signature: about bytes with this digest. */
  | {readonly kind: 'message'; readonly digest: string}

/** What a signature turned out to be. `reason` is a code of the error table. */
export type SignatureCheck =
  | {
      readonly state: 'verified'
      readonly signer: SignerId
      readonly content: SignedContent
      /**
       * When it was certainly there, UTC with milliseconds: the earliest verified RFC 3161 timestamp, or (keyless only)
       * a log's promise. Absent where nothing proves a time; a timestamp that does not verify is as if it were not there.
       */
      readonly signedAt?: string
    }
  | {readonly state: 'failed'; readonly reason: ReasonCode; readonly message: string; readonly predicateType?: string}

/**
 * In process, offline. Checks envelope, payload type, signature, signer and timestamps; never what the statement says.
 * Never throws: whatever was found, it verifies or it does not.
 * @param artifact the bytes that a message signature is about, or their digest (`sha256:<hex>`); other bytes are
 *   `signature.wrong-subject`, and without any a message signature is `attestation.unreadable`
 */
export type VerifySignature = (found: FoundSignature, trust: Trust, artifact?: Uint8Array | string) => SignatureCheck
