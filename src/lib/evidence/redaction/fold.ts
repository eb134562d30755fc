/**
 * A text as a person reads it: full-width and other digits as ASCII, dashes as
 * one dash, invisible letters and a terminal's colours gone, and what is escaped once more (JSON in a
 * string, percent, XML entities) as it was.
 *
 * The detectors look at the text and at this; every letter here knows where it
 * came from, so that what is found is taken out of the text itself.
 */

export interface Folded {
  readonly text: string
  /** Where the letter at this place begins in the original; one more at the end. */
  readonly from: Uint32Array
}

/** Soft hyphens, zero-width letters, marks of direction, variation selectors, tags. */
const INVISIBLE = String.raw`[\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\u{E0000}-\u{E007F}]`
const ESCAPED = String.raw`\\u[0-9a-fA-F]{4}|\\{1,8}(?=["'/])|%[2-7][0-9A-Fa-f]|&(?:#\d{1,6}|#x[0-9a-fA-F]{1,6}|quot|apos|amp|lt|gt|shy|nbsp);`
/** A control sequence (ECMA-48, 5.4), also as a string writes its first letter: the letter at its end is no part of what follows. */
const COLOUR = String.raw`(?:\x1B|\\(?:u001[bB]|x1[bB]|033|e))\[[0-9:;?]{0,32}[ -/]?[A-Za-z]`
const IS_COLOUR = new RegExp(`^${COLOUR}$`, 'u')
const UNUSUAL = new RegExp(String.raw`${COLOUR}|${INVISIBLE}|${ESCAPED}|[^\0-\x7F]`, 'gu')
const ONLY_INVISIBLE = new RegExp(`^${INVISIBLE}$`, 'u')
const DASH = /^[\p{Pd}\u2043\u2212\u02D7]$/u
const ENTITIES: Readonly<Record<string, string>> = {quot: '"', apos: "'", amp: '&', lt: '<', gt: '>', shy: '', nbsp: ' '}

/** Undefined where it reads as it is written. */
export function fold(text: string): Folded | undefined {
  let folded = ''
  let at = 0
  const from: number[] = []
  const add = (letters: string, start: number, step: 0 | 1) => {
    for (let index = 0; index < letters.length; index += 1) from.push(start + index * step)
    folded += letters
  }
  for (const {0: written, index} of text.matchAll(UNUSUAL)) {
    const read = meaningOf(written)
    if (read === written) continue
    add(text.slice(at, index), at, 1)
    add(read, index, 0)
    at = index + written.length
  }
  if (at === 0) return undefined
  add(text.slice(at), at, 1)
  from.push(text.length)
  return {text: folded, from: Uint32Array.from(from)}
}

function meaningOf(written: string): string {
  if (IS_COLOUR.test(written)) return ''
  if (written.startsWith('\\u')) return letter(Number.parseInt(written.slice(2), 16), written)
  if (written.startsWith('\\')) return ''
  if (written.startsWith('%')) return letter(Number.parseInt(written.slice(1), 16), written)
  if (written.startsWith('&#')) return letter(written[2] === 'x' ? Number.parseInt(written.slice(3), 16) : Number(written.slice(2, -1)), written)
  if (written.startsWith('&')) return ENTITIES[written.slice(1, -1)] ?? written
  if (ONLY_INVISIBLE.test(written)) return ''
  if (DASH.test(written)) return '-'
  if (/^\p{Zs}$/u.test(written)) return ' '
  const plain = written.normalize('NFKC')
  return /^[\0-\x7F]+$/.test(plain) ? plain : (digitOf(written) ?? written)
}

function letter(code: number, written: string): string {
  if (code > 0x10_ff_ff) return written
  const one = String.fromCodePoint(code)
  return code < 0x80 ? one : meaningOf(one)
}

/** Of any script: its ten digits stand together, and the first of them is at a place that no digit stands before. */
function digitOf(written: string): string | undefined {
  if (!/^\p{Nd}$/u.test(written)) return undefined
  const code = written.codePointAt(0) ?? 0
  let zero = code
  while (code - zero < 9 && /^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1
  return String((code - zero) % 10)
}
