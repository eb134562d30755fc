import assert from 'node:assert/strict'
import {gzipSync} from 'node:zlib'
import {readWriteEvents} from '../../../src/lib/access/cloudtrail-events.ts'

const ARN = 'arn:aws:sts::123456789012:assumed-role/ci/job-1'
const ROLE = 'arn:aws:iam::123456789012:role/ci'
const EVENT = {
  eventName: 'PutObject',
  userIdentity: {type: 'AssumedRole', arn: ARN, sessionContext: {sessionIssuer: {arn: ROLE}}},
  requestParameters: {bucketName: 'evidence', key: 'records/v1/test/x'},
  responseElements: {'x-amz-version-id': 'v1'},
}
const WRITE = {bucket: 'evidence', key: 'records/v1/test/x', version: 'v1', principals: [ARN, ROLE]}
const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))

describe('events of CloudTrail', () => {
  it('are read as they are delivered, one a line, plain and packed', () => {
    const lines = `${JSON.stringify(EVENT)}\n${JSON.stringify(EVENT)}\n`
    assert.deepEqual(readWriteEvents(bytes({Records: [EVENT]}), 'x'), [WRITE])
    assert.deepEqual(readWriteEvents(gzipSync(bytes({Records: [EVENT]})), 'x'), [WRITE])
    assert.deepEqual(readWriteEvents(bytes(lines), 'x'), [WRITE, WRITE])
    assert.deepEqual(readWriteEvents(bytes(JSON.stringify(EVENT)), 'x'), [WRITE])
  })

  it('tell of what was written, and of nothing that was refused or only read', () => {
    const others = [
      {...EVENT, errorCode: 'PreconditionFailed'},
      {...EVENT, eventName: 'GetObject'},
      {...EVENT, requestParameters: null},
      {...EVENT, requestParameters: {bucketName: 'evidence'}},
    ]
    assert.deepEqual(readWriteEvents(bytes({Records: others}), 'x'), [])
    const {responseElements: _, userIdentity: __, ...bare} = EVENT
    assert.deepEqual(readWriteEvents(bytes({Records: [bare]}), 'x'), [{bucket: 'evidence', key: 'records/v1/test/x', principals: []}])
  })

  it('are refused where they are none: silence would look like nobody', () => {
    for (const value of ['', '{', '[]', '{"Records":[]}', '{"Records":[1]}', '{"Records":{}}', `${JSON.stringify(EVENT)}\n{"a":`, 'a,b\n1,2'])
      assert.throws(() => readWriteEvents(bytes(value), 'events.json'), {code: 'usage.input'}, value)
    assert.throws(() => readWriteEvents(Uint8Array.of(0x1f, 0x8b, 1, 2), 'events.json'), {code: 'usage.input'})
    assert.throws(() => readWriteEvents(gzipSync(Buffer.alloc(300 * 1024 * 1024), {level: 1}), 'events.json'), {code: 'usage.input'})
  }).timeout(20_000)
})
