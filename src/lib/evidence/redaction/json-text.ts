/**
 * JSON as text through the detectors: only the string literals that hit are written anew.
 *
 * Numbers, order, spacing and repeated keys stay as they are. A key gives
 * context to the value after it, also to a number: in a blob that may become a
 * string. The detectors go over many strings at once, and then one by one over
 * the few in which something was found: most of a large SBOM is never touched
 * twice.
 */
import {base64Texts} from './base64.ts'
import {fold} from './fold.ts'
import type {Rule} from './rule.ts'
import {isNaming, isValue} from './pair.ts'
import {mayMatch, redactText, tells, type RedactedText} from './text.ts'
import {redactionToken, type RedactionKey} from './token.ts'

/** A string literal, a number, or the end or beginning of an object. */
const LITERAL = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}]/g
const LONG_NUMBER = /^\d{13,19}$/
const BASE64 = /^[A-Za-z0-9+/_-]{64,}={0,2}$/
/** Digests, ids, times, versions, package URLs and CPEs hold nothing to find. */
const NEVER_TEXT =
  /^(?:(?:sha\d+:)?[0-9a-f]{32,128}|[0-7][0-9A-HJKMNP-TV-Z]{25}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)|pkg:[a-z][a-z0-9.+-]*\/[^\s?#]+|cpe:(?:2\.3:|\/)\S+|v?\d+(?:\.\d+){1,3}[A-Za-z0-9.+~_-]{0,48})$/
const BATCH = 20_000
/** Between strings that are looked at together: no value spans it, and all boundaries see a quotation mark. */
const PARTING = '"\n"'

interface Literal {
  readonly start: number
  readonly end: number
  /** Of a number its digits. */
  readonly value: string
  /** What of it the detectors look at without a label: nothing of a digest. */
  readonly text: string
  readonly label: string | undefined
}

/** JSON, or one JSON value a line. */
export function isJsonText(text: string): boolean {
  if (!/^\s*[[{"]/.test(text)) return false
  return parses(text) || text.split('\n').every((line) => line.trim() === '' || parses(line))
}

/**
 * @param inner hits inside what is base64 of JSON; such a string goes as a whole
 * @param rulesAt fewer rules for the value after this key; undefined where there are no fewer
 */
export function redactJsonText(
  text: string,
  rules: readonly Rule[],
  key?: RedactionKey,
  inner: (text: string) => readonly string[] = (encoded) => redactJsonText(encoded, rules).hits,
  rulesAt: (label: string) => readonly Rule[] | undefined = () => undefined,
): RedactedText {
  const hits: string[] = []
  const parts: string[] = []
  let from = 0
  let batch: Literal[] = []
  const flush = () => {
    for (const {start, end, value, label} of suspects(batch, rules)) {
      const clean = redactEncoded(value, key, inner) ?? redactText(value, (label === undefined ? undefined : rulesAt(label)) ?? rules, key, label)
      if (clean.hits.length === 0) continue
      hits.push(...clean.hits)
      parts.push(text.slice(from, start), JSON.stringify(clean.text))
      from = end
    }
    batch = []
  }
  for (const literal of literals(text)) {
    batch.push(literal)
    if (batch.length === BATCH) flush()
  }
  flush()
  return {text: parts.join('') + text.slice(from), hits}
}

function* literals(text: string): Generator<Literal> {
  let label: string | undefined
  // Of `{"name": "db.password", "value": "…"}`, as environments and properties are written.
  let named: string | undefined
  for (const {0: literal, index: start} of text.matchAll(LITERAL)) {
    const end = start + literal.length
    if (literal === '{' || literal === '}') {
      label = undefined
      named = undefined
    } else if (!literal.startsWith('"')) {
      // A card is one without a name, too; no time has so many digits and begins like one.
      if (label !== undefined || LONG_NUMBER.test(literal))
        yield {start, end, value: literal, text: LONG_NUMBER.test(literal) ? literal : '', label: labelOf(label, named)}
    } else {
      const value = literal.includes('\\') ? String(JSON.parse(literal)) : literal.slice(1, -1)
      const isKey = isFollowedByColon(text, end)
      if (!isKey && label !== undefined && isNaming(label)) named = value
      if (isKey) label = value
      yield {start, end, value, text: NEVER_TEXT.test(value) ? '' : value, label: isKey ? undefined : labelOf(label, named)}
    }
  }
}

function labelOf(label: string | undefined, named: string | undefined): string | undefined {
  return label !== undefined && isValue(label) ? (named ?? label) : label
}

/** Those in which some rule may find something; nothing is missing, some may be clean. */
function suspects(batch: readonly Literal[], rules: readonly Rule[]): Literal[] {
  const labels = new Map<string, boolean>()
  const isTelling = (label: string) => labels.get(label) ?? rules.some((rule) => tells(rule, label))
  const marked = new Set<Literal>()
  const folded: Looked[] = []
  for (const literal of batch) {
    const read = fold(literal.text)
    if (read !== undefined) folded.push({literal, text: read.text})
    if (BASE64.test(literal.text)) marked.add(literal)
    if (literal.label === undefined) continue
    const telling = isTelling(literal.label)
    labels.set(literal.label, telling)
    if (telling) marked.add(literal)
  }
  markFound(
    batch.map((literal) => ({literal, text: literal.text})),
    rules,
    marked,
  )
  markFound(folded, rules, marked)
  return batch.filter((literal) => marked.has(literal))
}

interface Looked {
  readonly literal: Literal
  readonly text: string
}

/** All at once: a rule starts up once, not once a string. */
function markFound(looked: readonly Looked[], rules: readonly Rule[], marked: Set<Literal>): void {
  const joined = looked.map(({text}) => text).join(PARTING)
  const places = (pattern: RegExp) => Array.from(joined.matchAll(pattern), ({index, 0: match}) => ({start: index, end: index + match.length}))
  const found = [...rules.filter((rule) => mayMatch(rule, joined)).flatMap(({pattern}) => places(pattern)), ...base64Texts(joined)]
  let at = 0
  let offset = 0
  for (const {start: from, end} of found.toSorted((a, b) => a.start - b.start)) {
    // `at` is the first literal that is not wholly before this match.
    for (let one = looked[at]; one !== undefined && offset + one.text.length < from; one = looked[at]) {
      offset += one.text.length + PARTING.length
      at += 1
    }
    for (let next = at, start = offset; next < looked.length && start < end; next += 1) {
      const one = looked[next]
      if (one === undefined) break
      marked.add(one.literal)
      start += one.text.length + PARTING.length
    }
  }
}

/** Undefined where `value` is no base64 of JSON. */
function redactEncoded(value: string, key: RedactionKey | undefined, inner: (text: string) => readonly string[]): RedactedText | undefined {
  // Three bytes tell most of what is not JSON.
  if (!BASE64.test(value) || !/^\s*[[{"]/.test(Buffer.from(value.slice(0, 4), 'base64').toString('latin1'))) return undefined
  const text = Buffer.from(value, 'base64').toString('utf8')
  if (!isJsonText(text)) return undefined
  const hits = inner(text)
  const [rule] = hits
  return {text: rule === undefined ? value : redactionToken(rule, value, key), hits}
}

function isFollowedByColon(text: string, from: number): boolean {
  for (let index = from; index < text.length; index += 1) {
    const letter = text[index]
    if (letter === ':') return true
    if (letter !== ' ' && letter !== '\n' && letter !== '\r' && letter !== '\t') return false
  }
  return false
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
