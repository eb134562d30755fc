/**
 * Made-up values in given forms, the same in every run.
 *
 * A form is written `glpat-{w20}`: what stands in braces is filled at run time, so that no scanner takes this repository
 * for a leak, and nothing in it was ever issued.
 */
const ALPHABETS: Readonly<Record<string, string>> = {
  /** Digits. */
  d: '0123456789',
  /** Lower-case hex. */
  h: '0123456789abcdef',
  /** Letters and digits. */
  a: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  /** Letters. */
  l: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  /** Lower-case letters and digits. */
  s: 'abcdefghijklmnopqrstuvwxyz0123456789',
  /** Upper-case letters and digits. */
  u: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  /** Base 32. */
  t: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
}

export interface Maker {
  /** A digit below `limit`. */
  below(limit: number): number
  fill(form: string): string
}

/** mulberry32: small, and good enough to be different. */
export function maker(seed: number): Maker {
  let state = seed >>> 0
  const below = (limit: number) => {
    state = (state + 0x6d_2b_79_f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
  const letters = (alphabet: string, length: number) => Array.from({length}, () => alphabet[below(alphabet.length)]).join('')
  return {
    below,
    fill: (form) =>
      form.replaceAll(/\{([a-z])(\d+)\}/g, (_, alphabet: string, length: string) => {
        const made = letters(ALPHABETS[alphabet] ?? '', Number(length))
        // A digit and a letter at least, as nearly all that are issued have.
        return alphabet === 'a' && made.length > 8 ? `${made.slice(0, -2)}k7` : made
      }),
  }
}
