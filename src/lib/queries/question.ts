/**
 * What a question is: one SQL text in the portable subset, and what an auditor needs to know about it. Types only.
 *
 * The SQL runs over the flat tables (`index/tables.ts`). It takes parameters as
 * `$name`, text all of them, empty where nobody asked; never in a SELECT list.
 */
import type {ReasonCode} from '../errors.ts'
import type {Stream} from '../evidence/streams.ts'
import type {Cell} from '../ports/evidence-index.ts'
import type {Period} from './period.ts'

/** What a user may give. `to` alone = as of then; `from` makes it a period. */
export type ParameterName = 'from' | 'to' | 'system' | 'environment' | 'namespace' | 'component' | 'run'

export const AUDIENCES = ['auditor', 'engineer'] as const
export type Audience = (typeof AUDIENCES)[number]

/** A control that an answer supports; never that anything complies with it. */
export interface Control {
  /** `HIPAA 164.312(b)`, `NIST 800-53 CM-14`. */
  readonly id: string
  /** Who says that this evidence bears on it. */
  readonly basis: 'nist-800-66r2' | 'framework-text' | 'hipaa-ci-interpretation'
}

export interface Column {
  readonly name: string
  readonly says: string
  /** Left out of the table for people, where there is no room for everything. */
  readonly wide?: true
}

/** Something that makes an answer less than whole. */
export interface Gap {
  readonly code: ReasonCode
  readonly what: string
  /** Of the run that it is in, if it is in one. */
  readonly run?: string
}

export type AnswerRow = Readonly<Record<string, Cell>>

/** What the pure step behind the SQL makes of its rows. */
export interface Finished {
  readonly rows: readonly AnswerRow[]
  readonly gaps: readonly Gap[]
  /** What helps to read the answer; never what makes it incomplete. */
  readonly notes: readonly string[]
}

export interface Question {
  readonly name: string
  /** Raised when the same evidence gives another answer. */
  readonly version: number
  readonly aliases: readonly string[]
  readonly audience: Audience
  /** In an auditor's words. */
  readonly asks: string
  readonly parameters: readonly ParameterName[]
  readonly required?: readonly ParameterName[]
  readonly defaults?: Readonly<Partial<Record<ParameterName, string>>>
  readonly controls: readonly Control[]
  readonly doesNotProve: readonly string[]
  /** Streams whose records its rows come from: a step that never reported is a gap of the answer only where it would have written one of them. */
  readonly reads: readonly Stream[]
  /** Those of the rows, in order. */
  readonly columns: readonly Column[]
  readonly example: string
  /** The question looks for exceptions: rows are findings, and exit 1. */
  readonly exceptions: boolean
  readonly sql: string
  readonly finish?: (rows: readonly AnswerRow[], period: Period) => Finished
}
