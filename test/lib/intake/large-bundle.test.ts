import assert from 'node:assert/strict'
import fc from 'fast-check'
import {CUT_PAYLOAD, cutBundle} from '../../../src/lib/intake/large-bundle.ts'

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size)
}

const bundle = (payload: string, more: object = {}) => Buffer.from(JSON.stringify({mediaType: 'synthetic', dsseEnvelope: {payload, payloadType: 'x'}, ...more}))
const cut = (bytes: Uint8Array, size = bytes.byteLength) => cutBundle(pieces(bytes, size), bytes.byteLength)

describe('cutBundle', () => {
  it('takes the payload out, wherever the pieces part', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({minLength: 1, maxLength: 60}),
        fc.nat(40),
        fc.constantFrom('base64' as const, 'base64url' as const),
        async (payload, size, alphabet) => {
          const found = await cut(bundle(Buffer.from(payload).toString(alphabet)), size + 1)
          assert.deepEqual(Buffer.from(found?.payload ?? []), Buffer.from(payload))
          assert.deepEqual(JSON.parse(Buffer.from(found?.rest ?? []).toString()), JSON.parse(bundle(CUT_PAYLOAD).toString()))
        },
      ),
    )
  })

  it('finds it in indented JSON too', async () => {
    const text = JSON.stringify(JSON.parse(bundle('c3ludGhldGlj').toString()), undefined, 2)
    assert.equal(Buffer.from((await cut(Buffer.from(text), 7))?.payload ?? []).toString(), 'synthetic')
  })

  for (const [what, payload] of Object.entries({
    'a character that is none of the alphabet': 'c3lu!Ghl',
    'an escape': String.raw`c3lu\/Ghl`,
    'padding in the middle': 'c3k=c3k=',
    'half a group': 'c3luc',
    nothing: '',
  }))
    for (const size of [1, 4, 100])
      it(`refuses a payload with ${what}, in pieces of ${size}`, async () => assert.equal(await cut(Buffer.from(`{"payload":"${payload}"}`), size), undefined))

  it('refuses what has no payload, or no end, or too much else, and reads it to its end all the same', async () => {
    for (const bytes of [Buffer.from('{}'), Buffer.from('{"payload":"c3lu'), bundle('c3lu', {more: 'x'.repeat(1024 * 1024)})]) {
      let read = 0
      const counted = async function* (): AsyncGenerator<Uint8Array> {
        for await (const piece of pieces(bytes, 65_536)) {
          read += piece.byteLength
          yield piece
        }
      }
      assert.equal(await cutBundle(counted(), bytes.byteLength), undefined)
      assert.equal(read, bytes.byteLength)
    }
  })
})
