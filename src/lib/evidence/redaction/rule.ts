/** What a detector is. The tables are in `credentials.ts`, `identifiers.ts` and `places.ts`. */

/**
 * `credential`: opens something. `identifier`: names a person by itself.
 * `contact`: reaches a person, and stands for good reason in public packages.
 * `place`: a path that names a person.
 */
export type RuleKind = 'credential' | 'identifier' | 'contact' | 'place'

export interface Rule {
  /** Stands in the token; stable. */
  readonly id: string
  readonly kind: RuleKind
  /** One of these stands literally in every text that the pattern matches. */
  readonly needs?: readonly string[]
  /** Flags `dg`. The group `value`, where there is one, is what goes; the rest is context that stays. */
  readonly pattern: RegExp
  /** Where the name of a field (a JSON key) gives the context: then the whole value is tried against `whole`. */
  readonly label?: {readonly name: RegExp; readonly whole: RegExp}
  /** The check behind the pattern: a check digit, an area that was never issued, a placeholder. */
  readonly valid?: (value: string) => boolean
  /** The value without its notation, for the token. */
  readonly normal?: (value: string) => string
}

/** What a rule found, and where. */
export interface Hit {
  readonly rule: Rule
  readonly start: number
  readonly end: number
  readonly value: string
}
