import assert from 'node:assert/strict'
import {gunzipSync, gzipSync} from 'node:zlib'
import {START} from '../../../src/lib/ledger/fold.ts'
import {decodeSeal, encodeSeal} from '../../../src/lib/ledger/seal.ts'
import {EvidenceWriter} from '../../fakes/evidence-writer.ts'
import {leafFrom, sealAfter} from './log.ts'

const KEY = 'log/seal/000000000001.json.gz'

describe('a seal as bytes', () => {
  const writer = new EvidenceWriter({put: async () => 'written'})
  const stored = sealAfter(START, [leafFrom(writer), leafFrom(writer)])
  const text = gunzipSync(stored.bytes).toString()
  const refused = (bytes: Uint8Array) => assert.throws(() => decodeSeal(bytes, KEY), {code: 'seal.unreadable', message: new RegExp(`^${KEY}`)})

  it('comes back as it was written', () => {
    assert.deepEqual(decodeSeal(stored.bytes, KEY), {...stored, bytes: stored.bytes})
    assert.equal(encodeSeal(stored.seal).sha256, stored.sha256)
  })

  it('is refused where it is torn, empty, no gzip, or no JSON', () => {
    for (const bytes of [stored.bytes.subarray(0, -9), new Uint8Array(), Buffer.from(text), gzipSync('seal'), gzipSync('null'), gzipSync('[]')]) refused(bytes)
  })

  it('is refused where it unpacks to more than a seal can be', () => {
    refused(gzipSync(Buffer.alloc(80 * 1024 * 1024, ' ')))
  })

  it('is refused where a number is none that can be counted with', () => {
    for (const number of ['1e309', '-1', '1.5', '9007199254740993', '"2"', 'null']) refused(gzipSync(text.replace('"size_after":2', `"size_after":${number}`)))
  })

  it('is refused where a member stands twice, is unknown, or stands elsewhere: parsers would differ', () => {
    refused(gzipSync(text.replace('"size_after":2', '"size_after":7,"size_after":2')))
    refused(gzipSync(text.replace('"v":1,', '"v":1,"more":true,')))
    refused(gzipSync(text.replace('{"v":1,"n":1,', '{"n":1,"v":1,')))
    refused(gzipSync(text.replace('"v":1,', '"v":1, ')))
    refused(gzipSync(text.trimEnd()))
  })
})
