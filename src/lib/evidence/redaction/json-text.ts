/**
 * JSON as text through the detectors: only the string literals that hit are written anew.
 *
 * Numbers, order, spacing and repeated keys stay as they are. A key gives
 * context to the value after it, also to a number: in a blob that may become a
 * string.
 */
import {AppError} from '../../errors.ts'
import type {Rule} from './rule.ts'
import {redactText, type RedactedText} from './text.ts'
import type {RedactionKey} from './token.ts'

/** A string literal, or a number. */
const LITERAL = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g
const BASE64 = /^[A-Za-z0-9+/_-]{64,}={0,2}$/
/** Digests, ids, times, versions and package URLs hold nothing to find. */
const NEVER_TEXT =
  /^(?:(?:sha\d+:)?[0-9a-f]{32,128}|[0-7][0-9A-HJKMNP-TV-Z]{25}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)|pkg:[a-z][a-z0-9.+-]*\/\S+|v?\d+(?:\.\d+){1,3}[A-Za-z0-9.+~_-]{0,48})$/

/** JSON, or one JSON value a line. */
export function isJsonText(text: string): boolean {
  if (!/^\s*[[{"]/.test(text)) return false
  return parses(text) || text.split('\n').every((line) => line.trim() === '' || parses(line))
}

/** @param within hits inside what is base64 of JSON; without it base64 is left alone */
export function redactJsonText(text: string, rules: readonly Rule[], key?: RedactionKey, within?: (text: string) => readonly string[]): RedactedText {
  const hits: string[] = []
  let label: string | undefined
  const clean = text.replaceAll(LITERAL, (literal, offset: number) => {
    if (!literal.startsWith('"')) {
      const number = redactText(literal, rules, key, label)
      hits.push(...number.hits)
      return number.hits.length === 0 ? literal : JSON.stringify(number.text)
    }
    const value: unknown = JSON.parse(literal)
    if (typeof value !== 'string') throw new AppError('bug', 'a string literal of JSON is no string')
    const isKey = /^\s*:/.test(text.slice(offset + literal.length, offset + literal.length + 64))
    const found = redactString(value, rules, key, isKey ? undefined : label, within)
    if (isKey) label = value
    hits.push(...found.hits)
    return found.text === value ? literal : JSON.stringify(found.text)
  })
  return {text: clean, hits}
}

function redactString(
  value: string,
  rules: readonly Rule[],
  key: RedactionKey | undefined,
  label: string | undefined,
  within?: (text: string) => readonly string[],
): RedactedText {
  if (NEVER_TEXT.test(value)) return {text: value, hits: []}
  if (!BASE64.test(value)) return redactText(value, rules, key, label)
  const inner = Buffer.from(value, 'base64').toString('utf8')
  return {text: value, hits: within !== undefined && isJsonText(inner) ? within(inner) : []}
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
