/** One line of a diagnosis, and how it is made. */
import {AppError, EXIT, REASONS, type ExitCode} from '../errors.ts'

export interface Check {
  /** What was looked at: `trivy`, `store`, `registry`. */
  readonly name: string
  /** `missing` makes some command fail; `warn` is what a person should know. */
  readonly state: 'ok' | 'warn' | 'missing'
  readonly message: string
  /** What to type, or to do. */
  readonly fix?: string
  /** The same facts for programs. */
  readonly facts?: Facts
  /** What this one alone makes of the exit code; 0 unless `missing`. */
  readonly exitCode: ExitCode
}

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

/** The line for an error of the table, with its exit code. What is not of the table is our bug, and goes on up. */
export function fault(name: string, error: unknown): Check {
  if (!(error instanceof AppError)) throw error
  const {code, message, exitCode, suggestions} = error
  return {name, state: 'missing', message, fix: suggestions[0] ?? REASONS[code].fix, facts: {code}, exitCode}
}
