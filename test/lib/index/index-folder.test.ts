import assert from 'node:assert/strict'
import {indexFolder} from '../../../src/lib/index/index-folder.ts'

describe('indexFolder', () => {
  it('is beside the store, unless the configuration says otherwise', () => {
    assert.equal(indexFolder({store: 'folder:/data/evidence'}), '/data/evidence-index')
    assert.equal(indexFolder({store: 'folder:/data/evidence', index: 'folder:/fast/index'}), '/fast/index')
    assert.equal(indexFolder({store: 'folder:/data/evidence', index: 'folder:/data/..index'}), '/data/..index')
  })

  for (const index of ['folder:/data/evidence', 'folder:/data/evidence/', 'folder:/data/evidence/index', 'folder:/data', 'folder:/']) {
    it(`refuses ${index} for the store /data/evidence: neither may lie in the other`, () =>
      assert.throws(() => indexFolder({store: 'folder:/data/evidence', index}), {code: 'config.invalid'}))
  }

  it('refuses what is no folder', () => assert.throws(() => indexFolder({store: 's3://bucket/prefix'}), {code: 'store.unsupported'}))
})
