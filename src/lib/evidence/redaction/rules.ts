/** All detectors in order: where two find the same place, the earlier names it. */
import {ACCOUNTS} from './accounts.ts'
import {CREDENTIALS} from './credentials.ts'
import {IDENTIFIERS} from './identifiers.ts'
import {PLACES} from './places.ts'
import type {Rule, RuleKind} from './rule.ts'

export const RULES: readonly Rule[] = [...CREDENTIALS, ...IDENTIFIERS, ...ACCOUNTS, ...PLACES]

/** Stands in every record: how many rules looked at it. */
export const RULE_COUNT = new Set(RULES.map(({id}) => id)).size

export function rulesOfKinds(kinds: readonly RuleKind[]): readonly Rule[] {
  return RULES.filter(({kind}) => kinds.includes(kind))
}
