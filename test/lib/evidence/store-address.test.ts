import assert from 'node:assert/strict'
import {folderPath} from '../../../src/lib/evidence/store-address.ts'

describe('folderPath', () => {
  it('takes the path out of the address', () => assert.equal(folderPath('folder:/data/evidence'), '/data/evidence'))

  const fixes: [string, string][] = [
    ['/data/evidence', 'Use folder:/data/evidence'],
    ['evidence', 'Use folder:evidence'],
    ['s3://bucket/evidence', 'Use folder:PATH.'],
    ['folder:', 'Use folder:PATH.'],
    ['', 'Use folder:PATH.'],
  ]
  for (const [address, fix] of fixes)
    it(`says of ${JSON.stringify(address)}: ${fix}`, () => assert.throws(() => folderPath(address), {code: 'store.unsupported', suggestions: [fix]}))
})
