/** Which licences others' code may have, where it goes along with ours. */

/** Licences under which a dependency may be passed on with an Apache-2.0 program. */
const LICENCES = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC0-1.0', 'ISC', 'MIT', 'MIT-0', 'Unlicense'])

/** @param expression SPDX: of `(A OR B)` one is enough; of `A AND B` both are needed */
export function mayBePassedOn(expression: string | undefined): boolean {
  if (expression === undefined) return false
  const bare = expression.replaceAll(/[()]/g, '')
  return bare.split(' OR ').some((choice) => choice.split(' AND ').every((name) => LICENCES.has(name.trim())))
}
