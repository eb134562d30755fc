import assert from 'node:assert/strict'

/** Passes where `faults` is empty; else fails with one fault a line. */
export function assertNone(faults: Iterable<string>): void {
  const lines = [...faults]
  if (lines.length > 0) assert.fail(`${lines.length} found\n${lines.join('\n')}`)
}
