/** A row of the lie matrix: a situation, and what a verdict on it must be. */
import type {ExitCode, ReasonCode} from '../../src/lib/errors.ts'
import type {CheckResult} from '../../src/lib/evidence/details.ts'
import type {TrustedKey} from '../../src/lib/ports/signatures.ts'
import type {MemoryImageStore} from '../fakes/memory-image-store.ts'
import type {Scene} from './scene.ts'

export interface Expected {
  readonly exit: ExitCode
  /** Of the check, or of the error that stops the command; none where all is well. */
  readonly reason?: ReasonCode
  /** The check that says so; none where the command stops before there is a verdict. */
  readonly check?: CheckResult['name']
}

/** How the verdict is asked for, where it is not as usual. */
export interface Ask {
  /** Default `<repository>@<digest>`. */
  readonly image?: string
  /** Default: all checks, scan at most 7 days old, no critical and no high vulnerabilities. Null: the environment requires nothing. */
  readonly requires?: Readonly<Record<string, unknown>> | 'signature' | null
  /** Added to the pin of the trusted key. */
  readonly pin?: Readonly<Record<string, unknown>>
  /** The environment's repository. */
  readonly repository?: string
  readonly now?: Date
  /** `--as-of`. */
  readonly asOf?: Date
  /** More of the environment. */
  readonly environment?: Readonly<Record<string, unknown>>
  /** More of `requires.signature`, or instead of it. */
  readonly signers?: Readonly<Record<string, unknown>>
  /** More of the configuration. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Files beside it, by name. */
  readonly files?: Readonly<Record<string, string>>
  /** More keys in its folder. */
  readonly keys?: readonly TrustedKey[]
  /** The list of revocations, where one is configured: pinned to the stranger's key, who signs no image. */
  readonly revocations?: Uint8Array
}

export interface Row {
  readonly situation: string
  readonly expected: Expected
  /** What `cosign verify` alone exits with, asked with the key or the identity; seen in `test/e2e/lie-matrix.test.ts`. */
  readonly cosign?: number
  /** The same on a registry without the referrers API, where it differs. */
  readonly cosignByTag?: number
  /** Why it cannot be told by a folder. */
  readonly notOnLayout?: string
  /** An index of two platforms instead of an image. */
  readonly index?: true
  /** Lays out the situation through what any client of a registry can do. */
  readonly lay: (scene: Scene) => Promise<Ask | void>
}

/** A lie of the registry or layout itself, told by the store in memory. */
export interface StoreRow extends Omit<Row, 'lay' | 'cosignByTag' | 'notOnLayout'> {
  readonly kind?: 'layout'
  readonly lay: (scene: Scene, store: MemoryImageStore) => Promise<Ask | void>
}
