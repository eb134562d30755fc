/**
 * A large Sigstore bundle, taken apart while it passes by: the payload of its
 * envelope as bytes, and the rest. As one text it would be in memory twice.
 *
 * Nothing is judged, and nothing need be: whatever was cut out counts only under
 * the signature in the rest.
 */

/** Stands in the rest where the payload was. */
export const CUT_PAYLOAD = 'AA=='

export interface CutBundle {
  /** JSON. */
  readonly rest: Uint8Array
  readonly payload: Uint8Array
}

/** Signer, timestamps and log entries are some kilobytes. */
const MAX_REST = 1024 * 1024
const BEGINNING = /"payload"\s*:\s*"/
const QUOTE = 0x22

/**
 * Reads `bytes` to their end, whatever they are.
 * @param size of the bundle
 * @returns undefined where no base64 payload is found, or too much else
 */
export async function cutBundle(bytes: AsyncIterable<Uint8Array>, size: number): Promise<CutBundle | undefined> {
  const payload = new Base64Reader(Math.ceil((size * 3) / 4))
  let place: 'before' | 'payload' | 'after' = 'before'
  let rest = Buffer.alloc(0)
  for await (const chunk of bytes) {
    let left = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    // What is too much already is only read to its end.
    if (rest.byteLength > MAX_REST) continue
    if (place === 'before') {
      const seen = Buffer.concat([rest, left])
      const found = BEGINNING.exec(seen.toString('latin1'))
      rest = found === null ? seen : Buffer.concat([seen.subarray(0, found.index), Buffer.from(`"payload":"${CUT_PAYLOAD}`)])
      if (found === null) continue
      left = seen.subarray(found.index + found[0].length)
      place = 'payload'
    }
    if (place === 'payload') {
      const end = left.indexOf(QUOTE)
      payload.add(end === -1 ? left : left.subarray(0, end))
      if (end === -1) continue
      left = left.subarray(end)
      place = 'after'
    }
    rest = Buffer.concat([rest, left])
  }
  const decoded = payload.end()
  return place !== 'after' || decoded === undefined || rest.byteLength > MAX_REST ? undefined : {rest, payload: decoded}
}

/** RFC 4648, either alphabet, padded or not; every character has to be one of it. */
class Base64Reader {
  readonly #bytes: Buffer
  #written = 0
  #carry = ''
  #isOver = false
  #isSound = true

  constructor(most: number) {
    this.#bytes = Buffer.allocUnsafeSlow(most)
  }

  add(characters: Buffer): void {
    const text = this.#carry + characters.toString('latin1')
    const whole = text.length - (text.length % 4)
    this.#write(text.slice(0, whole))
    this.#carry = text.slice(whole)
  }

  end(): Uint8Array | undefined {
    this.#write(this.#carry)
    return this.#isSound && this.#written > 0 ? this.#bytes.subarray(0, this.#written) : undefined
  }

  #write(text: string): void {
    if (text === '') return
    const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
    const characters = text.length - padding
    const written = this.#bytes.write(text, this.#written, 'base64')
    // Characters that are none of the alphabet are passed over, and show in the length.
    if (this.#isOver || characters % 4 === 1 || (padding > 0 && text.length % 4 !== 0) || written !== Math.floor((characters * 3) / 4)) this.#isSound = false
    this.#isOver = padding > 0
    this.#written += written
  }
}
