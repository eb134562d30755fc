/** A blob in which nothing was found is not looked at again; what it is looked at as is a part of that. */
import assert from 'node:assert/strict'
import {draftRecord, type Envelope} from '../../../../src/lib/actions/evidence/draft-record.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import type {BlobInput} from '../../../../src/lib/ports/evidence-store.ts'
import {FACTS} from '../../../fakes/recorder-parts.ts'

const RUNID = '01JGFJJZ00ABCDEFGHJKMNPQRS'
const ENVELOPE: Envelope = {ci: FACTS, system: 'patient-api', toolversion: 'hipaa-ci/0.1.0', runid: RUNID, job: 'build', time: '2026-06-15T12:00:00.000Z'}
/** Synthetic, as the number that was never issued to anybody. */
const SSN = Buffer.from('{"note": "078-05-1120"}')
const EMAIL = Buffer.from('{"author": "jane@hospital.example"}')

function drafted(blob: Partial<BlobInput>): {count: number; text: string; sha256: string | undefined} {
  const whole = {name: 'note.json', mediaType: 'application/json', bytes: SSN, ...blob}
  const {record, blobs} = draftRecord({stream: 'test', outcome: 'pass', detail: {name: 'unit', passed: 1, failed: 0, skipped: 0}, blobs: [whole]}, ENVELOPE)
  const [[sha256, bytes] = ['', new Uint8Array()]] = [...blobs]
  assert.equal(sha256, sha256Hex(bytes))
  return {count: record.data.redaction.count, text: Buffer.from(bytes).toString(), sha256: record.data.blobs[0]?.sha256}
}

describe('a draft of a record', () => {
  it('has the same blob redacted, or refused, each time that it comes', () => {
    for (let round = 0; round < 3; round += 1) {
      const {count, text} = drafted({})
      assert.deepEqual([count, text], [1, '{"note": "[redacted:ssn]"}'])
      assert.throws(() => drafted({exact: true}), {code: 'redaction.blob'})
    }
  })

  it('takes a blob that is clean as an SBOM for nothing else than that', () => {
    for (let round = 0; round < 2; round += 1) {
      assert.deepEqual(drafted({bytes: EMAIL, mediaType: 'application/spdx+json'}), {count: 0, text: EMAIL.toString(), sha256: sha256Hex(EMAIL)})
      assert.deepEqual(drafted({bytes: EMAIL}).count, 1)
      assert.throws(() => drafted({bytes: EMAIL, exact: true}), {code: 'redaction.blob'})
    }
  })

  it('looks at a blob as it is now, whatever stood in the same bytes before', () => {
    const bytes = Buffer.from('{"note": "000-00-0000"}')
    assert.equal(drafted({bytes}).count, 0)
    bytes.set(SSN)
    assert.equal(drafted({bytes}).count, 1)
  })
})
