/**
 * Whether bytes are UTF-8 (RFC 3629, section 4) without control letters; they may end within a letter.
 *
 * By hand, because it is asked of everything that may be base64, most of which is not: a decoder throws then, and that costs
 * fifty times as much as the answer.
 */
export function isText(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] ?? 0
    at += 1
    if (byte < 0x80) {
      if ((byte < 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) || byte === 0x7f) return false
      continue
    }
    const more = byte < 0xc2 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : byte < 0xf5 ? 3 : 0
    if (more === 0) return false
    for (let nth = 1; nth <= more && at < bytes.length; nth += 1, at += 1) {
      const next = bytes[at] ?? 0
      const [from, to] = nth === 1 ? secondOf(byte) : [0x80, 0xbf]
      if (next < from || next > to) return false
    }
  }
  return true
}

/** What may stand after the first byte: nothing that could be written shorter, no half of a surrogate pair, nothing beyond Unicode. */
function secondOf(first: number): readonly [number, number] {
  if (first === 0xe0) return [0xa0, 0xbf]
  if (first === 0xed) return [0x80, 0x9f]
  if (first === 0xf0) return [0x90, 0xbf]
  if (first === 0xf4) return [0x80, 0x8f]
  return [0x80, 0xbf]
}
