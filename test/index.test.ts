import assert from 'node:assert/strict'
import * as names from '../src/index.ts'

describe('what other programs may import', () => {
  it('is this and nothing else', () => {
    const values = [
      'AppError',
      'EXIT',
      'EXIT_MEANINGS',
      'EvidenceRecord',
      'REASONS',
      'SCHEMA_URN',
      'STREAMS',
      'blobKey',
      'parseBlobKey',
      'parseRecordKey',
      'recordKey',
    ]
    assert.deepEqual(Object.keys(names).toSorted(), values)
  })
})
