/** One line of a diagnosis, and how it is made. */
import {AppError, EXIT, REASONS, type ExitCode} from '../../errors.ts'

export interface Check {
  /** What was looked at: `trivy`, `store`, `registry`. */
  readonly name: string
  /** `warn` is what a person should know; with what is `missing`, `wrong` or could not be checked some command fails. */
  readonly state: 'ok' | 'warn' | 'missing' | 'wrong' | 'could-not-check'
  readonly message: string
  /** What to type, or to do. */
  readonly fix?: string
  /** The same facts for programs. */
  readonly facts?: Facts
  /** What this one alone makes of the exit code. */
  readonly exitCode: ExitCode
}

/** What an `unchecked` line says where nothing is known of the configuration. */
export const UNSEEN = 'not looked at: the configuration has faults'

export type Facts = Readonly<Record<string, string | number | boolean>>

export function ok(name: string, message: string, facts?: Facts): Check {
  return {name, state: 'ok', message, ...(facts !== undefined && {facts}), exitCode: EXIT.ok}
}

export function warn(name: string, message: string, fix: string, facts?: Facts): Check {
  return {name, state: 'warn', message, fix, ...(facts !== undefined && {facts}), exitCode: EXIT.ok}
}

/** Something needed is not there: exit 3. */
export function missing(name: string, message: string, fix: string, facts?: Facts): Check {
  return {name, state: 'missing', message, fix, ...(facts !== undefined && {facts}), exitCode: EXIT.tool}
}

/** Not looked at, because of something that stands on a line of its own. */
export function unchecked(name: string, message: string, fix: string): Check {
  return {name, state: 'could-not-check', message, fix, exitCode: EXIT.ok}
}

/** The line for an error of the table, with its exit code. What is not of the table is our bug, and goes on up. */
export function fault(name: string, error: unknown): Check {
  if (!(error instanceof AppError)) throw error
  const {code, message, exitCode, suggestions} = error
  return {name, state: stateOf(error), message, fix: suggestions[0] ?? REASONS[code].fix, facts: {code}, exitCode}
}

/** The same about one of several: not every fault says by itself which of them has it. @param kind the name of the fact */
export function about(kind: string, subject: string, check: Check): Check {
  return {...check, message: `${subject}: ${check.message}`, facts: {...check.facts, [kind]: subject}}
}

function stateOf({code, exitCode}: AppError): Check['state'] {
  if (code.endsWith('.missing')) return 'missing'
  return exitCode === EXIT.usage || code === 'tool.version' || code === 'tool.untrusted' ? 'wrong' : 'could-not-check'
}
