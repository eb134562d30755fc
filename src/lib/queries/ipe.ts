/** The block that proves how an answer was made ("information produced by the entity"). */
import type {ReportingCluster} from './clusters.ts'
import type {Control, Gap} from './question.ts'

/** The head of a store without a log. */
export const NOT_SEALED = 'not-sealed'

export interface Ipe {
  readonly query: string
  readonly version: number
  readonly asks: string
  /** SHA-256 of `sql`. */
  readonly sql_sha256: string
  readonly sql: string
  /** Absolute: relative times were fixed when the question was asked. */
  readonly parameters: Readonly<Record<string, string>>
  readonly engine: {
    readonly name: string
    readonly version: string
    /** Of this one answer: a ULID here, the engine's own id where it gives one. */
    readonly execution: string
    /** At most this much was read to answer. */
    readonly bytes_scanned: number
  }
  /** How many there are; `shown` of them follow. */
  readonly rows: number
  readonly shown: number
  readonly store: {
    readonly address: string
    /** `<size>@<root, hex>` of the newest checkpoint that verifies, else of the newest seal; `not-sealed`, or `unreadable` where that seal is. */
    readonly head: string
    /** The newest seal; null where there is none. Verified: its checkpoint is signed by a key that the configuration names. */
    readonly seal: {readonly n: number; readonly size: number | null; readonly checkpoint: 'verified' | 'not-verified'} | null
    readonly records: number
    /** Records of the period and system. */
    readonly covered: number
    /** Time of the newest record. */
    readonly newest: string | null
    /** Records whose bytes were checked against their digests for this answer; the others were when they were indexed. */
    readonly checked_now: number
  }
  /** Those that reported, where the question rests on what clusters say. */
  readonly clusters: readonly ReportingCluster[]
  /** Why the exit code is not 0: rows where the question looks for exceptions, else gaps. */
  readonly reason: 'query.exceptions' | 'query.incomplete' | null
  readonly complete: boolean
  /** What is known to be missing or unreadable. */
  readonly gaps: readonly Gap[]
  readonly notes: readonly string[]
  readonly controls: readonly Control[]
  readonly does_not_prove: readonly string[]
  readonly ran_at: string
  readonly duration_ms: number
  readonly ran_by: {readonly id: string; readonly issuer: string; readonly basis: string} | null
  readonly tool: string
  /** Id of the record that says that this question was asked; null under --no-record. */
  readonly recorded: string | null
}
