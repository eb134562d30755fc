/** What a verdict is made from and what it is: types of the policy room. */
import type {Requires} from '../config/schema.ts'
import type {ExitCode, ReasonCode} from '../errors.ts'
import type {CheckResult} from '../evidence/details.ts'
import type {Verdict} from '../evidence/primitives.ts'
import type {Statement} from '../evidence/statement.ts'
import type {TrustedKey} from '../ports/signatures.ts'

/** A trusted key with the time it may be used; days are UTC and inclusive. */
export interface PolicyKey extends TrustedKey {
  readonly from?: string
  readonly until?: string
  readonly status: 'active' | 'retired' | 'compromised'
}

/** One environment's policy with its key files read and checked. */
export interface Policy {
  /** The environment's name; `(key)` where only a key was given. */
  readonly name: string
  /** SHA-256 of the canonical policy (RFC 8785). */
  readonly digest: string
  /** The repository that signatures must name; undefined = the image's own. */
  readonly repository?: string
  readonly keys: readonly PolicyKey[]
  /** Undefined = nothing is required, so nothing passes. */
  readonly requires?: Omit<Requires, 'signature'>
}

/** A bundle as found on one digest. */
export type Attached =
  | {readonly state: 'verified'; readonly manifest: string; readonly bundle: string; readonly spki: string; readonly statement: Statement}
  | {readonly state: 'failed'; readonly manifest: string; readonly reason: ReasonCode; readonly message: string; readonly predicateType?: string}

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
}

/** One check, with the words for it. `name` and `state` go into the record. */
export interface Check extends CheckResult {
  readonly message: string
  readonly fix?: string
  readonly reason?: ReasonCode
}

export interface Judgement {
  readonly verdict: Verdict
  readonly exitCode: ExitCode
  readonly checks: readonly Check[]
}
