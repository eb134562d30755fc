/**
 * Ranges of toolchain.json without a library: `>=1.2.3 <2.0.0 || =3.0.0`. The program itself uses semver;
 * a test holds the two to the same answers.
 */

/** Inside `entry.range` and inside none of `entry.refused`; a prerelease or an odd version is not. */
export function isAllowed(version, entry) {
  if (!/^\d+\.\d+\.\d+$/.test(version)) return false
  return satisfies(version, entry.range) && !(entry.refused ?? []).some(({range}) => satisfies(version, range))
}

export function satisfies(version, range) {
  return range.split('||').some((part) =>
    part
      .trim()
      .split(/\s+/)
      .every((comparator) => holds(version, comparator)),
  )
}

function holds(version, comparator) {
  const [, operator, bound] = /^(>=|<=|>|<|=)(\d+\.\d+\.\d+)$/.exec(comparator) ?? []
  if (operator === undefined) throw new Error(`toolchain.json: cannot read the range part ${JSON.stringify(comparator)}`)
  const order = compare(version, bound)
  return {'>=': order >= 0, '<=': order <= 0, '>': order > 0, '<': order < 0, '=': order === 0}[operator]
}

function compare(one, other) {
  const [a, b] = [one, other].map((text) => text.split('.').map(Number))
  const at = [0, 1, 2].find((index) => a[index] !== b[index])
  return at === undefined ? 0 : a[at] - b[at]
}
