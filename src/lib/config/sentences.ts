/** What is wrong with a value, in one sentence with the value in it. Pure. */
import type {z} from 'zod'
import {isMapping} from './mapping.ts'
import type {Path} from './document.ts'

const LONGEST = 60
/** A secret may have been put where a reference to it belongs: never print it. */
const NEVER_SHOWN: ReadonlySet<string> = new Set(['redaction.key', 'signing.key'])

/** The sentence for one fault of the schema. Where the schema has words of its own, those are used. */
export function faultSentence(issue: z.core.$ZodRawIssue): string | undefined {
  const path = (issue.path ?? []).map((step) => (typeof step === 'number' ? step : String(step)))
  const value = show(path, issue.input)
  if (issue.code === 'invalid_type') return `must be ${TYPES[issue.expected] ?? issue.expected}, not ${value}`
  if (issue.code === 'invalid_value') return `must be ${issue.values.map(String).join(' or ')}, not ${value}`
  if (issue.code === 'too_small')
    return issue.origin === 'string' || issue.origin === 'array' ? 'is empty' : `must be at least ${String(issue.minimum)}, not ${value}`
  if (issue.code === 'too_big') return `must be at most ${String(issue.maximum)}${issue.origin === 'string' ? ' characters long' : `, not ${value}`}`
  return undefined
}

/** A value for a message, shortened. */
export function show(path: Path, value: unknown): string {
  if (NEVER_SHOWN.has(path.join('.'))) return 'what it is'
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (isMapping(value)) return 'a mapping'
  const text = JSON.stringify(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
}
