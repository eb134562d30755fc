import assert from 'node:assert/strict'
import {createWriterBook} from '../../../src/lib/access/writer-findings.ts'
import {parseStoreAddress} from '../../../src/lib/evidence/store-address.ts'
import {recordKey} from '../../../src/lib/evidence/key.ts'

const KEY = recordKey('test', '01JGFJJZ00ABCDEFGHJKMNPQRS', 'a'.repeat(64))
const CI = 'arn:aws:sts::123456789012:assumed-role/ci/job-1'
const ROLES = {
  ci: {principals: ['arn:aws:sts::*:assumed-role/ci/*'], streams: ['test']},
  other: {principals: ['arn:aws:iam::1:role/a.b'], streams: ['scan', 'test']},
}
const STORE = parseStoreAddress('s3://evidence/prod?region=us-east-1')

function found(events: readonly {bucket?: string; key?: string; version?: string; principals?: string[]}[], version: string | null = 'v1', store = STORE) {
  const book = createWriterBook(ROLES, store)
  for (const event of events) book.add({bucket: 'evidence', key: `prod/${KEY}`, principals: [CI], ...event})
  return book.finding(KEY, version ?? undefined)?.code
}

describe('who wrote a record', () => {
  it('may be who its stream names, under any of their names', () => {
    assert.equal(found([{}]), undefined)
    assert.equal(found([{version: 'v1'}]), undefined)
    assert.equal(found([{principals: ['arn:aws:sts::1:assumed-role/x/y', 'arn:aws:iam::1:role/a.b']}]), undefined)
    assert.equal(found([{}], null), undefined)
  })

  it('may be nobody else, also where somebody allowed wrote it too', () => {
    for (const principal of ['arn:aws:sts::123456789012:assumed-role/ci-2/job', 'arn:aws:iam::1:role/aXb', `x${CI}`, 'arn:aws:iam::1:role/a.b/c'])
      assert.equal(found([{principals: [principal]}]), 'writer.not-allowed', principal)
    assert.equal(found([{principals: []}]), 'writer.not-allowed')
    assert.equal(found([{}, {principals: ['arn:aws:iam::1:user/eve']}]), 'writer.not-allowed')
  })

  it('is not known where no event is about this version, key and bucket', () => {
    assert.equal(found([]), 'writer.unknown')
    assert.equal(found([{version: 'v2'}]), 'writer.unknown')
    assert.equal(found([{bucket: 'another'}]), 'writer.unknown')
    assert.equal(found([{key: KEY}]), 'writer.unknown')
    assert.equal(found([{key: `staging/${KEY}`}]), 'writer.unknown')
  })

  it('is known of a copy by the key alone', () => {
    const folder = parseStoreAddress('folder:/copy')
    assert.equal(found([{bucket: 'any', version: 'v9'}], null, folder), undefined)
    assert.equal(found([{key: 'blobs/x'}], null, folder), 'writer.unknown')
  })
})
