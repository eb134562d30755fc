/** Plain values out of a YAML document. Pure. */

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What stands at `path`; undefined where nothing does. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  const [step, ...rest] = path
  if (step === undefined) return value
  if (Array.isArray(value)) return valueAt(value[Number(step)], rest)
  return isMapping(value) ? valueAt(value[step], rest) : undefined
}
