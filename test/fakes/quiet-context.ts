/**
 * A context of which only what a test gives is there.
 *
 * Promise: time, ids and facts are fixed, or counted up over all contexts; talk is kept in `said`;
 * whatever else was not given fails loudly when it is asked for.
 */
import assert from 'node:assert/strict'
import {Config} from '../../src/lib/config/schema.ts'
import type {Context} from '../../src/lib/ports/context.ts'
import {FACTS} from './recorder-parts.ts'

let ids = 0

export type QuietContext = Context & {readonly said: string[]}

export function quietContext(parts: Partial<Context> = {}): QuietContext {
  const said: string[] = []
  const given: Partial<QuietContext> = {
    version: '0.1.0',
    cwd: '/project',
    config: {...Config.parse({version: 1, system: 'patient-api'}), root: '/project'},
    ci: async () => FACTS,
    now: () => new Date('2026-03-02T08:00:00.000Z'),
    newId: () => `01KJPRZB00${String(++ids).padStart(16, '0')}`,
    variable: () => undefined,
    spool: async () => undefined,
    progress: {step: (text) => void said.push(text), note: (text) => void said.push(text)},
    ...parts,
    said,
  }
  return new Proxy(given, {
    get(target, name): unknown {
      // A context that an async function returns is asked for `then`.
      if (name in target || name === 'then') return Reflect.get(target, name)
      return assert.fail(`the test gave no ${String(name)}`)
    },
  }) as QuietContext
}
