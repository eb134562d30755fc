/** Somebody else's text on a terminal: nothing in it may move the cursor, hide, or turn the line around. Pure. */

/** Control, format and separator characters become a visible mark. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, '\uFFFD')
}

/** JSON text that means the same and does nothing on a terminal: `JSON.stringify` leaves letters as they are that a terminal obeys. */
export function printableJson(json: string): string {
  return json.replaceAll(/[^\P{Cc}\n]|[\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu, (letter) =>
    Array.from({length: letter.length}, (_, index) => `\\u${letter.charCodeAt(index).toString(16).padStart(4, '0')}`).join(''),
  )
}

/** The same of each line: for messages of our own, which may have several. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** Where a line breaks best, and where it may: after these letters, or before an `@`. */
const BREAKS = [/[ /,]$|^@/, /[-_.:]$/] as const

const DIGESTS = /@?sha256:[0-9a-f]{64}/g

/** Lines of at most `width` characters, broken where words or names part, if they do; within a digest only where no line could hold it. */
export function wrap(text: string, width: number): string[] {
  const letters = Array.from(text)
  const digests = [...text.matchAll(DIGESTS)].map(({0: digest, index}) => ({start: Array.from(text.slice(0, index)).length, length: digest.length}))
  const lines: string[] = []
  let from = 0
  while (letters.length - from > width) {
    const end = beforeDigest(digests, from, from + breakIn(letters.slice(from, from + width + 1), width), width)
    lines.push(letters.slice(from, end).join('').trimEnd())
    from = end
    while (letters[from] === ' ') from += 1
  }
  return [...lines, letters.slice(from).join('')]
}

interface Digest {
  readonly start: number
  readonly length: number
}

function beforeDigest(digests: readonly Digest[], from: number, end: number, width: number): number {
  return digests.find(({start, length}) => from < start && start < end && end < start + length && length <= width)?.start ?? end
}

/** The longest piece that `wrap` would rather not break. */
export function longestPiece(text: string): number {
  return Math.max(...text.split(/(?<=[ /,])|(?=@)/).map((piece) => Array.from(piece.trimEnd()).length))
}

/** @param line one letter longer than may stand in it */
function breakIn(line: readonly string[], width: number): number {
  if (line[width] === ' ') return width
  for (const pattern of BREAKS) {
    for (let end = width; end >= width / 3; end -= 1) {
      const isAt = pattern.test(line[end - 1] ?? '') && line[end - 1] !== '@'
      if (isAt || (line[end] === '@' && pattern.test('@'))) return end
    }
  }
  return width
}

/** Wraps a paragraph; lines after the first stand under its text. */
export function paragraph(label: string, text: string, width: number): string[] {
  const [first = '', ...rest] = wrap(text, width - label.length)
  return [`${label}${first}`, ...rest.map((line) => `${' '.repeat(label.length)}${line}`)]
}
