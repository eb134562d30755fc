/** One JSON value, or one a line. Pure. */
import {AppError} from '../errors.ts'

export interface JsonLine {
  /** From 1. */
  readonly line: number
  readonly value: unknown
}

/** @throws AppError `usage.input` naming every faulty line */
export function parseJsonLines(bytes: Uint8Array): JsonLine[] {
  const text = decode(bytes)
  const lines = text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [{text: line, line: index + 1}]))
  const [first] = lines
  if (first === undefined) throw new AppError('usage.empty', 'the input is empty')
  const whole = parse(text)
  if ('value' in whole) return [{line: first.line, value: whole.value}]
  // Where not even the first line is JSON, it is one value, and it is broken.
  if (!('value' in parse(first.text))) throw new AppError('usage.input', `the input is not JSON: ${whole.fault}`)
  const parsed = lines.map(({text: one, line}) => ({line, ...parse(one)}))
  const faults = parsed.flatMap((one) => ('fault' in one ? [`line ${one.line}: ${one.fault}`] : []))
  if (faults.length > 0)
    throw new AppError('usage.input', `${faults.length} of ${lines.length} lines are not JSON, so nothing was written:\n${faults.join('\n')}`)
  return parsed.flatMap((one) => ('value' in one ? [{line: one.line, value: one.value}] : []))
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
    return {value: JSON.parse(text)}
  } catch (error) {
    return {fault: error instanceof Error ? withoutText(error.message) : 'malformed'}
  }
}

/** The parser quotes what it read, which may be what must not be printed. */
function withoutText(message: string): string {
  return message.replace(/,? ?"[\s\S]*$/, '').replace(/Unexpected token .*?(?= in| at|$)/s, 'unexpected character')
}
