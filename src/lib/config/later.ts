/**
 * Keys and values of the configuration's full language that this version does
 * not honour yet. They are refused by name: ignoring one would look like
 * keeping it.
 */
import type {Path} from './document.ts'

const LATER_KEYS: ReadonlySet<string> = new Set([
  'query.workgroup',
  'query.database',
  'gate.waivers',
  'environments.*.requires.provenance.contracts',
  'environments.*.requires.scan.enforce-at',
])

const KEY_SERVICE = /^[a-z][a-z0-9+]*:\/\//

/** The values that a later version takes, and what this one takes instead. */
const LATER_VALUES: Readonly<Record<string, {readonly is: (value: string) => boolean; readonly instead: string}>> = {
  index: {is: (value) => value.startsWith('s3://'), instead: 'folder:PATH'},
  'query.engine': {is: (value) => value === 'athena', instead: 'duckdb'},
  'redaction.key': {is: (value) => KEY_SERVICE.test(value), instead: 'env:NAME or file:PATH'},
}

/** True where the key belongs to the language, but not to this version. */
export function isLaterKey(path: Path): boolean {
  const steps = path.map((step, index) => (typeof step === 'number' || (index === 1 && path[0] === 'environments') ? '*' : step))
  return LATER_KEYS.has(steps.join('.'))
}

/** What to use instead, where `value` is one that only a later version takes. */
export function insteadOfLater(path: Path, value: unknown): string | undefined {
  const later = LATER_VALUES[path.join('.')]
  return later !== undefined && typeof value === 'string' && later.is(value) ? later.instead : undefined
}
