/**
 * Any JSON value through the detectors, inside a record. Pure.
 *
 * Keys give context to the values below them (`{"mrn": "…"}`). A key that is
 * itself a hit, and a number that a label makes a hit, cannot be rewritten
 * without changing the value's meaning: they stop the record.
 */
import {AppError} from '../../errors.ts'
import {redactKnownText} from './known-text.ts'
import {isNaming, isValue} from './pair.ts'
import {RULES} from './rules.ts'
import type {RedactionKey} from './token.ts'

/** Where something was found; never what. */
export interface JsonHit {
  readonly path: readonly string[]
  readonly rule: string
}

/** @param hits is added to. @throws AppError `redaction.failed` */
export function redactJson(value: unknown, path: readonly string[], key: RedactionKey | undefined, hits: JsonHit[], label?: string): unknown {
  if (typeof value === 'string') {
    const clean = redactKnownText(value, RULES, key, label)
    hits.push(...clean.hits.map((rule) => ({path, rule})))
    return clean.text
  }
  if (typeof value === 'number') {
    refuseHit(redactKnownText(String(value), RULES, key, label).hits, path, 'is a number that')
    return value
  }
  if (Array.isArray(value)) return value.map((item: unknown, index) => redactJson(item, [...path, String(index)], key, hits, label))
  if (value === null || typeof value !== 'object') return value
  const named: unknown = Object.entries(value).find(([name, item]) => isNaming(name) && typeof item === 'string')?.[1]
  return Object.fromEntries(
    Object.entries(value).map(([name, item]: [string, unknown]) => {
      refuseHit(redactKnownText(name, RULES, key).hits, path, 'has a key that')
      const telling = typeof named === 'string' && isValue(name) ? named : name
      return [name, redactJson(item, [...path, name], key, hits, telling)]
    }),
  )
}

function refuseHit([rule]: readonly string[], path: readonly string[], what: string): void {
  if (rule !== undefined) throw new AppError('redaction.failed', `${path.join('.')} ${what} looks like a secret or PHI (rule ${rule}) and cannot be rewritten`)
}
