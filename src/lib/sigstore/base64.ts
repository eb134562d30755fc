/** Base64 as JSON has it (RFC 4648, either alphabet, with or without padding), read strictly. */

/** Characters that are decoded at once: whole groups of four, so that a large text needs no copy as a string. */
const CHUNK = 64 * 1024
const EQUALS = 0x3d

/** Undefined where any character is none of base64, or the length cannot be. */
export function decodeBase64(text: Buffer): Buffer | undefined {
  const padding = text.at(-1) !== EQUALS ? 0 : text.at(-2) === EQUALS ? 2 : 1
  if (padding > 0 && text.byteLength % 4 !== 0) return undefined
  const characters = text.byteLength - padding
  if (characters % 4 === 1) return undefined
  const bytes = Buffer.allocUnsafeSlow(Math.floor((characters * 3) / 4))
  let written = 0
  for (let at = 0; at < characters; at += CHUNK) written += bytes.write(text.toString('latin1', at, Math.min(at + CHUNK, characters)), written, 'base64')
  return written === bytes.byteLength ? bytes : undefined
}
