/**
 * One window that a canary and another source saw is one: `joinWindows(…)`. Pure.
 *
 * Rules: only what was felt joins, a pod that was let in or a cluster that could not be asked; a canary's silence shows
 * nothing. The joined window reaches from the earliest beginning to the latest end. What was changed without a known end
 * ends with what the canary felt, where it was let in before and refused after that.
 */
import {SKEW, type Window} from './word.ts'

/** @param canaries windows of one cluster. @param others of the same, by other sources */
export function joinWindows(canaries: readonly Window[], others: readonly Window[]): Window[] {
  const felt = canaries.filter(isFelt)
  const groups: Window[][] = []
  for (const window of [...felt, ...others]) {
    const met = groups.filter((group) => group.some((one) => isFelt(one) !== isFelt(window) && meet(one, window)))
    const joined = [window, ...met.flat()]
    for (const group of met) groups.splice(groups.indexOf(group), 1)
    groups.push(joined)
  }
  return [...canaries.filter((window) => !isFelt(window)), ...groups.map(asOne)]
}

function isFelt({sources, gap}: Window): boolean {
  return sources.includes('canary') && (gap === 'admitted' || gap === 'unknown')
}

function meet(a: Window, b: Window): boolean {
  return Date.parse(a.begins) - SKEW <= reachOf(b) && Date.parse(b.begins) - SKEW <= reachOf(a)
}

/** What was only changed meets what was felt at the time of the change: its open end would meet all that came after. */
function reachOf({gap, ends, deeds, begins}: Window): number {
  if (ends !== null) return Date.parse(ends)
  return gap === 'changed' || gap === 'ignore-label' ? (deeds.at(-1)?.at ?? Date.parse(begins)) : Number.POSITIVE_INFINITY
}

function asOne(group: readonly Window[]): Window {
  const [only] = group
  if (group.length === 1 && only !== undefined) return only
  const felt = group.filter(isFelt)
  const worst = felt.find(({gap}) => gap === 'admitted') ?? felt[0] ?? group[0]
  if (worst === undefined) throw new TypeError('a group of windows is empty')
  const begins = group.map((window) => window.begins).reduce(earlier)
  const last = endOf(group, felt)
  return {
    ...worst,
    begins,
    ends: last?.ends ?? null,
    endedBy: last?.endedBy ?? '',
    sources: [...new Set(group.flatMap(({sources}) => sources))].toSorted(),
    deeds: group.flatMap(({deeds}) => deeds).toSorted((a, b) => a.at - b.at || (a.what < b.what ? -1 : 1)),
  }
}

/** The latest; undefined where one of them has none. */
function endOf(group: readonly Window[], felt: readonly Window[]): Window | undefined {
  const ends = group.map((window) => (window.ends === null ? feltEnd(window, felt) : window))
  if (ends.includes(undefined)) return undefined
  return ends.filter((window) => window !== undefined).reduce((a, b) => ((a.ends ?? '') >= (b.ends ?? '') ? a : b))
}

function feltEnd({deeds, sources}: Window, felt: readonly Window[]): Window | undefined {
  if (sources.includes('canary')) return undefined
  const last = deeds.at(-1)?.at ?? Number.POSITIVE_INFINITY
  return felt.find(({gap, ends}) => gap === 'admitted' && ends !== null && Date.parse(ends) >= last)
}

function earlier(a: string, b: string): string {
  return a <= b ? a : b
}
