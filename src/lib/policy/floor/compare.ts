/** The comparisons that a floor is made of. Each says with both values where the second party allows more than the first. Pure. */

export interface Weakness {
  /** Where it stands in the configuration. */
  readonly path: readonly (string | number)[]
  /** Ends a sentence: `<key>: <message>`. */
  readonly message: string
}

type Path = Weakness['path']
type Shown = (value: number) => string

/** A limit that is left out limits nothing. */
export function atMost(path: Path, own: number | undefined, floor: number | undefined, show: Shown = String): Weakness[] {
  if (floor === undefined || (own !== undefined && own <= floor)) return []
  return [{path, message: `${own === undefined ? 'no limit' : show(own)}; the platform allows at most ${show(floor)}`}]
}

export function atLeast(path: Path, own: number, floor: number): Weakness[] {
  return own >= floor ? [] : [{path, message: `${own}; the platform asks for at least ${floor}`}]
}

/** What is neither more nor less strict than something else has to be the same. @param shown of what both values are */
export function same(path: Path, own: unknown, floor: unknown, shown: (value: unknown) => string = text): Weakness[] {
  return text(own) === text(floor) ? [] : [{path, message: `${shown(own)}; the platform has ${shown(floor)}`}]
}

/** Every item of `own`, by its name, is one of the platform's. A list that is left out admits everything. */
export function within<T>(path: Path, own: readonly T[] | undefined, floor: readonly T[] | undefined, name: (item: T) => string): Weakness[] {
  if (floor === undefined) return []
  const names = floor.map(name)
  const has = names.length === 0 ? 'none' : names.join(', ')
  if (own === undefined) return [{path, message: `everything; the platform has ${has}`}]
  return own.flatMap((item, at) => (names.includes(name(item)) ? [] : [{path: [...path, at], message: `${name(item)}; the platform has ${has}`}]))
}

/** `7d`, `36h`, `90s`. */
export function duration(ms: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
  ] as const
  const [size, unit] = units.find(([each]) => ms > 0 && ms % each === 0) ?? [1_000, 's']
  return `${ms / size}${unit}`
}

function text(value: unknown): string {
  return value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value)
}
