/**
 * Settings from the environment: `HIPAA_CI_GATE_SECRETS` sets `gate.secrets`. Pure.
 *
 * An empty one stops the command, and so does one that sets nothing: a limit
 * that was meant to be set must not silently stay what it was.
 */
import {AppError} from '../errors.ts'
import type {Path} from './document.ts'
import {SCALAR_KEYS, type ScalarKind} from './keys.ts'
import {nearestName} from './nearest-name.ts'

/** Variables of ours that are no setting of the configuration. */
const OTHER_VARIABLES = ['HIPAA_CI_CACHE', 'HIPAA_CI_CONFIG', 'HIPAA_CI_RUN', 'HIPAA_CI_SEALING_PASSWORD', 'HIPAA_CI_TRIVY_CACHE'] as const

const PREFIX = 'HIPAA_CI_'
const KNOWN: ReadonlySet<string> = new Set([...OTHER_VARIABLES, ...SCALAR_KEYS.map(({variable}) => variable)])

export type Environment = Readonly<Record<string, string | undefined>>

/** A value from outside the file; `where` says from where, as a person would look for it. */
export interface Setting {
  readonly path: Path
  readonly value: unknown
  readonly where: string
}

export interface Variables {
  readonly settings: readonly Setting[]
  /** One sentence for each variable that sets nothing. */
  readonly unknown: readonly {readonly name: string; readonly message: string}[]
}

/**
 * @param secrets variables that the configuration itself names (`env:NAME`): secrets, not settings
 * @throws AppError `usage.empty`
 */
export function readVariables(env: Environment, secrets: ReadonlySet<string> = new Set()): Variables {
  const names = Object.keys(env).filter((name) => name.startsWith(PREFIX) && !secrets.has(name))
  const empty = names.filter((name) => KNOWN.has(name) && env[name]?.trim() === '')
  if (empty.length > 0)
    throw new AppError('usage.empty', `${empty.join(' and ')} ${empty.length > 1 ? 'are' : 'is'} empty`, {fix: 'Give it a value, or unset it.'})
  return {
    settings: SCALAR_KEYS.flatMap(({path, kind, variable}) => {
      const text = secrets.has(variable) ? undefined : env[variable]
      return text === undefined ? [] : [{path, value: valueOf(text, kind), where: variable}]
    }),
    unknown: names.filter((name) => !KNOWN.has(name)).map((name) => ({name, message: unknownVariable(name)})),
  }
}

function unknownVariable(name: string): string {
  const near = nearestName(
    name.slice(PREFIX.length),
    Array.from(KNOWN, (known) => known.slice(PREFIX.length)),
  )
  return near === undefined ? 'unknown variable' : `unknown variable; did you mean ${PREFIX}${near}?`
}

/** Text that is no number or truth value stays text, and the schema refuses it. */
function valueOf(text: string, kind: ScalarKind): unknown {
  if (kind === 'number' && /^\d{1,15}$/.test(text)) return Number(text)
  return kind === 'boolean' && (text === 'true' || text === 'false') ? text === 'true' : text
}
