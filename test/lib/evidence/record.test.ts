import assert from 'node:assert/strict'
import {gzipSync} from 'node:zlib'
import * as fc from 'fast-check'
import {blobKey, parseBlobKey, parseRecordKey, recordKey, ulidTime} from '../../../src/lib/evidence/key.ts'
import {checkRecord, openRecord, sealRecord, sha256Hex} from '../../../src/lib/evidence/record.ts'
import {EvidenceRecord, STREAM_SCHEMAS} from '../../../src/lib/evidence/schema.ts'
import {isStream, STREAMS} from '../../../src/lib/evidence/streams.ts'
import {EvidenceWriter} from '../../fakes/evidence-writer.ts'
import {memoryStore} from '../../fakes/memory-store.ts'

const sealed = new EvidenceWriter(memoryStore()).seal('test', {name: 'unit', passed: 1, failed: 0, skipped: 0})
const {record} = sealed
const gzip = (text: string) => gzipSync(text)
const line = `${JSON.stringify(record)}\n`

describe('an evidence record', () => {
  it('is one gzipped line of JSON, its members in the order of the schema', () => {
    const shuffled = Object.fromEntries(Object.entries(record).toReversed())
    assert.deepEqual(Object.keys(sealRecord(shuffled).record), Object.keys(record))
    assert.deepEqual(Object.keys(record).slice(0, 6), ['specversion', 'id', 'time', 'type', 'source', 'subject'])
    assert.equal(sealRecord(shuffled).sha256, sealed.sha256)
  })

  it('is named by the digest of what is stored', () => {
    assert.equal(sealed.sha256, sha256Hex(sealed.bytes))
    assert.equal(sealed.key, recordKey('test', record.id, sealed.sha256))
    assert.deepEqual(openRecord(sealed.bytes), record)
  })

  for (const [what, bytes] of [
    ['no gzip', Buffer.from('{}')],
    ['gzip that was cut off', sealed.bytes.subarray(0, 40)],
    ['no line end', gzip(JSON.stringify(record))],
    ['two lines', gzip(`${JSON.stringify(record)}\n${JSON.stringify(record)}\n`)],
    ['no JSON', gzip('nothing\n')],
    ['more than a record can be', gzip(`${' '.repeat(200_000)}\n`)],
    ['nothing', new Uint8Array()],
    ['in two gzip members', Buffer.concat([sealed.bytes, gzip('')])],
    ['a text with a member twice', gzip(line.replace('"outcome":"pass"', '"outcome":"fail","outcome":"pass"'))],
    ['a text with a space that is not owed', gzip(line.replace('{', '{ '))],
    ['a number that readers round', gzip(line.replace('"passed":1', '"passed":1.00000000000000000001'))],
    ['bytes that are no text', gzipSync(Buffer.from(line.replace('"unit"', '"\u00ff"'), 'latin1'))],
  ] as const)
    it(`is not ${what}`, () => {
      assert.throws(() => openRecord(bytes), {code: 'record.invalid', message: 'record is not one gzipped JSON line'})
    })

  for (const [what, value, words] of [
    ['null', null, /\(record\)/],
    ['of no stream', {...record, stream: 'none', type: 'hipaa-ci.none.v1'}, /type/],
    ['of another type than its stream', {...record, type: 'hipaa-ci.scan.v1'}, /type/],
    ['with a member more', {...record, extra: 1}, /extra/],
    ['with a detail member more', {...record, data: {...record.data, detail: {...record.data.detail, note: 'x'}}}, /data\.detail: .*note/],
    ['without its end of time', {...record, time: '2026-03-02T08:00:00Z'}, /time: must be UTC with milliseconds/],
    ['with an id in lower case', {...record, id: record.id.toLowerCase()}, /id: must be a ULID/],
    ['with a subject that is a tag', {...record, subject: 'registry.example/app:1.0'}, /subject/],
  ] as const)
    it(`is not ${what}`, () => {
      assert.throws(
        () => checkRecord(value),
        (error: Error & {code: string}) => error.code === 'record.invalid' && words.test(error.message),
      )
    })

  it('is not larger than a record may be', () => {
    const custom = new EvidenceWriter(memoryStore()).seal('custom', {schema: 'a'.repeat(64), name: 'x', value: ''}).record
    const filled = (length: number) => ({...custom, data: {...custom.data, detail: {...custom.data.detail, value: 'x'.repeat(length)}}})
    const room = 64 * 1024 - JSON.stringify(custom.data).length
    assert.doesNotThrow(() => checkRecord(filled(room)))
    assert.throws(() => checkRecord(filled(room + 1)), {
      code: 'record.invalid',
      message: 'data of the custom record is 65537 bytes; at most 65536 are kept in a record',
    })
  })

  it('is not nested so deep that a reader could not go down into it', () => {
    const custom = new EvidenceWriter(memoryStore()).seal('custom', {schema: 'a'.repeat(64), name: 'x', value: 'HERE'}).record
    const nested = (levels: number) => JSON.stringify(custom).replace('"HERE"', '['.repeat(levels) + ']'.repeat(levels))
    assert.doesNotThrow(() => openRecord(gzip(`${nested(97)}\n`)))
    for (const levels of [98, 2000, 30_000]) {
      assert.throws(() => openRecord(gzip(`${nested(levels)}\n`)), {code: 'record.invalid'})
      assert.throws(() => checkRecord(JSON.parse(nested(levels))), {code: 'record.invalid', message: 'record is nested deeper than 100'})
    }
  })

  it('has one schema a stream', () => {
    assert.deepEqual([...STREAMS], Object.keys(STREAM_SCHEMAS))
    assert.equal(EvidenceRecord.options.length, STREAMS.length)
    assert.deepEqual([isStream('scan'), isStream('toString'), isStream(undefined)], [true, false, false])
  })
})

describe('a key', () => {
  const ulid = fc.nat({max: 2 ** 47}).map((ms) => {
    let text = ''
    for (let rest = ms, place = 0; place < 10; place++, rest = Math.floor(rest / 32)) text = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.charAt(rest % 32) + text
    return {ms, id: `${text}ABCDEFGHJKMNPQRS`}
  })
  const digest = fc.string({maxLength: 5}).map(sha256Hex)

  it('says stream, date, id and digest, and nothing else', () => {
    fc.assert(
      fc.property(ulid, digest, fc.constantFrom(...STREAMS), ({ms, id}, sha256, stream) => {
        const key = recordKey(stream, id, sha256)
        assert.equal(ulidTime(id), ms)
        assert.deepEqual(parseRecordKey(key), {stream, date: new Date(ms).toISOString().slice(0, 10), id, sha256})
        assert.equal(parseBlobKey(key), undefined)
        assert.equal(parseBlobKey(blobKey(sha256)), sha256)
        assert.equal(parseRecordKey(blobKey(sha256)), undefined)
      }),
    )
  })

  it('is none where anything is out of place', () => {
    const {key, sha256} = sealed
    for (const wrong of [
      `/${key}`,
      `${key}/`,
      `${key}\n`,
      key.replace('dt=2', 'dt=1'),
      key.replace('v1', 'v2'),
      key.replace('.gz', ''),
      key.toUpperCase(),
      key.replace('test', '../x'),
    ])
      assert.equal(parseRecordKey(wrong), undefined, wrong)
    assert.equal(parseBlobKey(`blobs/sha256/ff/${sha256.replace(/^../, '00')}`), undefined)
    assert.equal(parseBlobKey(`blobs/sha256/${sha256}`), undefined)
  })
})
