/** What a verdict is made from and what it is: types of the policy room. */
import type {Requires} from '../config/schema.ts'
import type {ExitCode, ReasonCode} from '../errors.ts'
import type {CheckResult, SignerId} from '../evidence/details.ts'
import type {Verdict} from '../evidence/primitives.ts'
import type {Statement} from '../evidence/statement.ts'
import type {BlobInput} from '../ports/evidence-store.ts'
import type {Trust, TrustedIdentity, TrustedKey} from '../ports/signatures.ts'
import type {Persons} from './persons.ts'

/** A trusted key with the time it may be used; days are UTC and inclusive. */
export interface PolicyKey extends TrustedKey {
  readonly from?: string
  readonly until?: string
  readonly status: 'active' | 'retired' | 'compromised'
}

/** Whose approval counts. */
export type Approver = {readonly person: string} & ({readonly key: TrustedKey} | {readonly identity: TrustedIdentity})

export interface ApprovalPolicy {
  readonly minimum: number
  readonly notAuthor: boolean
  readonly by: readonly Approver[]
}

/** One environment's policy with its key files read and checked. */
export interface Policy {
  /** The environment's name; `(key)` or `(identity)` where only a signer was given. */
  readonly name: string
  /** SHA-256 of the canonical policy (RFC 8785). */
  readonly digest: string
  /** What the digest is over, and the keys and files that this names: blobs of every record of a verdict. */
  readonly texts?: readonly BlobInput[]
  /** The repository that signatures must name; undefined = the image's own. */
  readonly repository?: string
  /** Signatures by somebody else's tools name no repository; then only a wrong one is a fault. */
  readonly unnamedRepository?: 'allowed'
  readonly keys: readonly PolicyKey[]
  readonly identities?: readonly TrustedIdentity[]
  readonly trustedRoot?: unknown
  readonly timestampAuthorities?: Trust['timestampAuthorities']
  /** Undefined = nothing is required, so nothing passes. */
  readonly requires?: Omit<Requires, 'signature'>
  readonly approvals?: ApprovalPolicy
  /** Who is who, for those who wrote and those who approve. */
  readonly persons?: Persons
  /** Signs for `repository`, and there alone; whoever else signs for it does not count. */
  readonly promotion?: TrustedKey
  /** The platform's policy under the same name: what it refuses is refused. Fewer trusted keys can hide the newest word, so each judges for itself. */
  readonly floor?: Policy
}

/** A bundle as found on one digest. */
export type Attached =
  | {
      readonly state: 'verified'
      /** Digest of what it lies in: the referrer, or the manifest under Cosign 2's tag. */
      readonly manifest: string
      /** SHA-256 of the bundle, hex. */
      readonly bundle: string
      readonly signer: SignerId
      /** Trusted time of the signature: UTC with milliseconds. */
      readonly signedAt?: string
      readonly statement: Statement
    }
  | {readonly state: 'failed'; readonly manifest: string; readonly reason: ReasonCode; readonly message: string; readonly predicateType?: string}

/** The list of revocations, as it could be had. */
export type RevocationList =
  | {
      readonly state: 'read'
      readonly issuedAt: string
      readonly maxAge: number
      readonly revoked: ReadonlyMap<string, {readonly reason: string; readonly since: string}>
    }
  | {readonly state: 'failed'; readonly reason: ReasonCode; readonly message: string}

/** An image as the registry showed it. */
export interface Observation {
  /** `sha256:…` of what was asked for: a manifest or an index. */
  readonly digest: string
  /** What the registry calls it. */
  readonly repository: string
  /** The manifests that run: the image itself, or every platform of an index. */
  readonly platforms: readonly {readonly platform: string; readonly digest: string}[]
  /** By digest: the image, and each platform. */
  readonly attached: ReadonlyMap<string, readonly Attached[]>
  /** Absent: none is configured. */
  readonly revocations?: RevocationList
}

/** One check, with the words for it. `name` and `state` go into the record. */
export interface Check extends CheckResult {
  readonly message: string
  readonly fix?: string
  readonly reason?: ReasonCode
  /** Of verified provenance: the SLSA build level that it is good for, 0 to 3. */
  readonly level?: number
}

export interface Judgement {
  readonly verdict: Verdict
  readonly exitCode: ExitCode
  readonly checks: readonly Check[]
}
