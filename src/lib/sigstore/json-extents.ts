/** Where the parts of a large JSON text lie, so that each can be parsed alone. Bytes in, places out; the parts themselves are not judged. */

/** Of one value: its first byte, and the byte after its last, or after the white space behind that. */
export interface Extent {
  readonly from: number
  readonly to: number
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a]
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]
const SPACES = [0x20, 0x09, 0x0a, 0x0d]

/** The members of the object that fills `extent`; of a name that stands twice, the last, as JSON.parse has it. @throws SyntaxError */
export function membersOf(bytes: Buffer, {from, to}: Extent): ReadonlyMap<string, Extent> {
  const members = new Map<string, Extent>()
  for (const {from: start, to: end} of items(bytes, {from, to}, OPEN_OBJECT, CLOSE_OBJECT)) {
    if (bytes[start] !== QUOTE) throw new SyntaxError(`no name at ${start}`)
    const after = textEnd(bytes, start)
    const colon = skipSpace(bytes, after)
    if (bytes[colon] !== COLON) throw new SyntaxError(`no colon at ${colon}`)
    const name: unknown = JSON.parse(bytes.toString('utf8', start, after))
    members.set(String(name), {from: skipSpace(bytes, colon + 1), to: end})
  }
  return members
}

/** The elements of the list that fills `extent`. @throws SyntaxError */
export function elementsOf(bytes: Buffer, extent: Extent): Generator<Extent> {
  return items(bytes, extent, OPEN_LIST, CLOSE_LIST)
}

export function isList(bytes: Buffer, {from}: Extent): boolean {
  return bytes[from] === OPEN_LIST
}

export function wholeOf(bytes: Buffer): Extent {
  return {from: skipSpace(bytes, 0), to: bytes.byteLength}
}

function* items(bytes: Buffer, {from, to}: Extent, open: number, close: number): Generator<Extent> {
  if (bytes[from] !== open) throw new SyntaxError(`nothing opens at ${from}`)
  let at = skipSpace(bytes, from + 1)
  if (bytes[at] !== close) {
    for (;;) {
      const end = itemEnd(bytes, at)
      yield {from: at, to: end}
      if (bytes[end] === close) {
        at = end
        break
      }
      if (bytes[end] !== COMMA) throw new SyntaxError(`no comma at ${end}`)
      at = skipSpace(bytes, end + 1)
    }
  }
  if (skipSpace(bytes, at + 1) < to) throw new SyntaxError(`more follows at ${at + 1}`)
}

/** The comma or bracket that ends the item which begins at `start`. */
function itemEnd(bytes: Buffer, start: number): number {
  let depth = 0
  for (let at = start; at < bytes.byteLength; at += 1) {
    const byte = bytes[at]
    if (byte === QUOTE) at = textEnd(bytes, at) - 1
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth += 1
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      if (depth === 0) return at
      depth -= 1
    } else if (byte === COMMA && depth === 0) return at
  }
  throw new SyntaxError('no end')
}

/** @param start of its opening quote. @returns the byte after its closing one */
function textEnd(bytes: Buffer, start: number): number {
  for (let end = bytes.indexOf(QUOTE, start + 1); end !== -1; end = bytes.indexOf(QUOTE, end + 1)) {
    let escapes = 0
    while (bytes[end - escapes - 1] === BACKSLASH) escapes += 1
    if (escapes % 2 === 0) return end + 1
  }
  throw new SyntaxError('a text has no end')
}

function skipSpace(bytes: Buffer, start: number): number {
  let at = start
  while (SPACES.includes(bytes[at] ?? 0)) at += 1
  return at
}
