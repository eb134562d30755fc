/**
 * Somebody else's text as a record can hold it: 256 letters, and nothing in it that would stop the record.
 *
 * A recorder takes out what looks like a secret or an identifier of a person, and what stands there instead is longer. Who
 * is refused must not choose names that are so full of it that nothing can be recorded: such a text is taken out here, and
 * then cut. Pure.
 */
import {redactKnownText} from '../evidence/redaction/known-text.ts'
import type {Rule} from '../evidence/redaction/rule.ts'
import {RULES, rulesOfKinds} from '../evidence/redaction/rules.ts'
import {sha256Hex} from '../evidence/record.ts'

const TEXT_MAX = 256
/** So short that no number of finds makes it too long: the shortest has nine letters. */
const SHORT = 40
/** Of a token: the key and the digest that a recorder with a key adds. */
const KEYED = ':01234567:0123456789abcdef'
const KEYED_TOKEN = /\[redacted:([a-z-]{1,32}):[0-9a-f]{8}:[0-9a-f]{16}\]/g
/** By which a recorder looks at who acted: an address of somebody is what an audit needs there. */
const PRINCIPAL_RULES = rulesOfKinds(['credential', 'identifier'])

/** Nothing is `(none)`; what is too long ends in a digest of the whole, so that it can be told from another with the same start. */
export function recordText(text: string): string {
  return held(text, RULES)
}

/** The same, of who asks. */
export function recordPrincipal(text: string): string {
  return held(text, PRINCIPAL_RULES)
}

/** What a record says of a text, but for the digests that a recorder with a key adds: `withoutKey` leaves the same of a record. */
export function asRecorded(text: string): string {
  return redactKnownText(recordText(text), RULES).text
}

export function withoutKey(recorded: string): string {
  return recorded.replaceAll(KEYED_TOKEN, '[redacted:$1]')
}

function held(text: string, rules: readonly Rule[]): string {
  if (text === '') return '(none)'
  if (text.length <= SHORT) return text
  const {text: clean, hits} = redactKnownText(text, rules)
  if (hits.length === 0 && text.length <= TEXT_MAX) return text
  if (hits.length > 0 && Math.max(text.length, clean.length + hits.length * KEYED.length) <= TEXT_MAX) return text
  const short = cut(clean)
  // What was no number of somebody may look like one where it was cut.
  return redactKnownText(short, rules).hits.length === 0 ? short : `(cut off${markOf(clean)}`
}

function cut(text: string): string {
  if (text.length <= TEXT_MAX) return text
  const mark = markOf(text)
  // Half a surrogate pair is no character.
  return `${text.slice(0, TEXT_MAX - mark.length).replace(/[\uD800-\uDBFF]$/, '')}${mark}`
}

function markOf(text: string): string {
  return `…sha256:${sha256Hex(text).slice(0, 16)}`
}
