/**
 * Who wrote a change, in SLSA provenance (`hipaa_ci_change`): looked at for credentials and identifiers only, as in a record. Pure.
 *
 * An audit needs to know who, and git knows people by their e-mail address.
 */
import {Principal} from '../schema.ts'
import {rulesOfKinds} from './rules.ts'
import {redactText} from './text.ts'

const MEMBER = 'hipaa_ci_change'
const HARD_RULES = rulesOfKinds(['credential', 'identifier'])

/** `text` as the other detectors are to see it: without the ids of principals that hold neither; all else as it is. */
export function withoutPrincipals(text: string): string {
  if (!text.includes(`"${MEMBER}"`)) return text
  const ids = new Set<string>()
  try {
    JSON.parse(text, (key, value: unknown) => {
      if (key === MEMBER) for (const id of idsIn(value)) ids.add(id)
      return value
    })
  } catch {
    // Not one JSON value: everything in it is looked at.
    return text
  }
  return [...ids].reduce((rest, id) => rest.replaceAll(`"id":${JSON.stringify(id)}`, '"id":""'), text)
}

function idsIn(value: unknown): string[] {
  const parsed = Principal.safeParse(value)
  if (parsed.success) return redactText(parsed.data.id, HARD_RULES).hits.length === 0 ? [parsed.data.id] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap((item: unknown) => idsIn(item)) : []
}
