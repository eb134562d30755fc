/**
 * What a server says while it runs: one JSON object a line on stderr, for programs that collect it.
 *
 * Somebody else's text stands there as JSON text that does nothing on a terminal, and can be no line of its own. What looks
 * like a secret or an identifier of a person is taken out, as it is of a record. An error is its message alone: a stack may
 * hold what was asked.
 */
import process from 'node:process'
import {redactText} from '../evidence/redaction/text.ts'
import {rulesOfKinds} from '../evidence/redaction/rules.ts'
import {printableJson} from './render/printable.ts'

export type LogLevel = 'info' | 'warn' | 'error'
/** An absent one is left out. */
export type LogValue = string | number | boolean | Date | Error | readonly string[] | undefined

/** @param event what happened, in kebab case: for programs, so it stays */
export type JsonLog = (level: LogLevel, event: string, fields?: Readonly<Record<string, LogValue>>) => void

/** Letters: a message says enough with fewer, and lines beyond some length are torn by those who collect them. */
const MAX_TEXT = 2_000
const MAX_LIST = 32
const RULES = rulesOfKinds(['credential', 'identifier'])
/** Whatever they hold. */
const SECRET_NAME = /authorization|cookie|credential|passphrase|password|passwd|private[-_]?key|secret|token/i

export function createJsonLog(now: () => Date, stream: Pick<NodeJS.WriteStream, 'write'> = process.stderr): JsonLog {
  return (level, event, fields = {}) => {
    const own = {time: now().toISOString(), level, event}
    const given = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, safe(name, value)] as const]))
    // The own ones come first, and win.
    stream.write(`${printableJson(JSON.stringify({...own, ...Object.fromEntries(given), ...own}))}\n`)
  }
}

function safe(name: string, value: Exclude<LogValue, undefined>): unknown {
  if (SECRET_NAME.test(name)) return '[redacted]'
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString()
  if (value instanceof Error) return text(value.message, name)
  if (typeof value === 'string') return text(value, name)
  return value.slice(0, MAX_LIST).map((item) => text(item, name))
}

/** Looked through before it is cut: half a secret is none that could be found. */
function text(value: string, label: string): string {
  const read = redactText(value.slice(0, MAX_TEXT * 8), RULES, undefined, label).text
  return read.length > MAX_TEXT ? `${read.slice(0, MAX_TEXT)}…` : read
}
