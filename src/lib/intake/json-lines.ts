/** One JSON value, or one a line. Pure. */
import {AppError} from '../errors.ts'

/** A value, or why the line is none. `line` counts from 1. */
export type JsonLine = {readonly line: number; readonly value: unknown} | {readonly line: number; readonly fault: string}

/**
 * The single value, or one for each line that is not blank.
 * @throws AppError `usage.empty`, `usage.input` where it is neither
 */
export function parseJsonLines(bytes: Uint8Array): JsonLine[] {
  const text = decode(bytes)
  const lines = text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [{text: line, line: index + 1}]))
  const [first] = lines
  if (first === undefined) throw new AppError('usage.empty', 'the input is empty')
  const whole = parse(text)
  if ('value' in whole) return [{line: first.line, value: whole.value}]
  // Where not even the first line is JSON, it is one value, and it is broken.
  if (!('value' in parse(first.text))) throw new AppError('usage.input', `the input is not JSON: ${whole.fault}`)
  return lines.map(({text: one, line}) => ({line, ...parse(one)}))
}

/**
 * What must be one JSON value.
 * @param what names it in messages
 * @throws AppError `usage.empty`, `usage.input`
 */
export function parseJsonValue(bytes: Uint8Array, what: string): unknown {
  const [only, second] = parseJsonLines(bytes)
  if (only === undefined || second !== undefined || 'fault' in only) throw new AppError('usage.input', `${what} is not one JSON value`)
  return only.value
}

/** @throws AppError `usage.input` */
export function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes)
  } catch (cause) {
    throw new AppError('usage.input', 'the input is not UTF-8', {cause})
  }
}

function parse(text: string): {value: unknown} | {fault: string} {
  try {
    return {value: JSON.parse(text, refuseProto)}
  } catch (error) {
    return {fault: error instanceof Error ? withoutText(error.message) : 'malformed'}
  }
}

/** It would be lost on the way into the record, and nothing may be lost in silence. */
function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('a member called __proto__ cannot be kept')
  return value
}

/** The parser quotes what it read, which may be what must not be printed. */
function withoutText(message: string): string {
  return message.replace(/,? ?"[\s\S]*$/, '').replace(/Unexpected token .*?(?= in| at|$)/s, 'unexpected character')
}
