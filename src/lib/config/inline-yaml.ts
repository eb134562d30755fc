/** A plain value as YAML in one line: `{file: keys/image.pub, from: 2026-01-01}`. Pure. */

export type Plain = string | number | boolean | readonly Plain[] | {readonly [key: string]: Plain}

const DAY = /^\d{4}-\d\d-\d\d$/
/** Text that no reader takes for anything else. */
const WORD = /^[A-Za-z_][\w./-]*$/
const TAKEN = /^(true|false|yes|no|on|off|null|y|n)$/i

export function inline(value: Plain): string {
  if (typeof value === 'string') return DAY.test(value) || (WORD.test(value) && !TAKEN.test(value)) ? value : JSON.stringify(value)
  if (typeof value !== 'object') return String(value)
  if (isList(value)) return `[${value.map(inline).join(', ')}]`
  return `{${Object.entries(value)
    .map(([key, inner]) => `${inline(key)}: ${inline(inner)}`)
    .join(', ')}}`
}

function isList(value: object): value is readonly Plain[] {
  return Array.isArray(value)
}
