/** Against the decoder of the platform. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {isText} from '../../../../src/lib/evidence/redaction/is-text.ts'

/** As it would be said by a decoder. */
function decodes(bytes: Uint8Array): boolean {
  if (bytes.some((byte) => (byte < 0x20 && ![0x09, 0x0a, 0x0d].includes(byte)) || byte === 0x7f)) return false
  try {
    new TextDecoder('utf-8', {fatal: true}).decode(bytes, {stream: true})
    return true
  } catch {
    return false
  }
}

describe('isText', () => {
  it('says of every two bytes, and of every first three of a letter, what a decoder says', () => {
    for (let first = 0; first < 256; first += 1)
      for (let second = 0; second < 256; second += 1) {
        const two = Uint8Array.of(first, second)
        assert.equal(isText(two), decodes(two), two.join())
      }
    for (const first of [0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf3, 0xf4, 0xf5])
      for (let second = 0x7e; second < 0xc2; second += 1)
        for (const third of [0x20, 0x7f, 0x80, 0xbf, 0xc0]) {
          const three = Uint8Array.of(first, second, third, 0x80, 0x41)
          for (let length = 2; length <= 5; length += 1)
            assert.equal(isText(three.subarray(0, length)), decodes(three.subarray(0, length)), `${three.join()} ${length}`)
        }
  })

  it('says of any bytes, and of any text cut anywhere, what a decoder says', () => {
    const anyBytes = fc.uint8Array({maxLength: 12})
    const anyText = fc.tuple(fc.string({unit: 'binary', maxLength: 8}), fc.nat(24)).map(([text, end]) => Uint8Array.from(Buffer.from(text).subarray(0, end)))
    fc.assert(
      fc.property(fc.oneof(anyBytes, anyText), (bytes) => isText(bytes) === decodes(bytes)),
      {numRuns: 2_000},
    )
  })
})
