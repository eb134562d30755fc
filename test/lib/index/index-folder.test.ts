import assert from 'node:assert/strict'
import {indexFolder} from '../../../src/lib/index/index-folder.ts'

describe('indexFolder', () => {
  it('is beside the store, unless the configuration says otherwise', () => {
    assert.equal(indexFolder({root: '/app', store: 'folder:/data/evidence'}), '/data/evidence-index')
    assert.equal(indexFolder({root: '/app', store: 'folder:/data/evidence', index: 'folder:/fast/index'}), '/fast/index')
    assert.equal(indexFolder({root: '/app', store: 'folder:/data/evidence', index: 'folder:/data/..index'}), '/data/..index')
  })

  for (const index of ['folder:/data/evidence', 'folder:/data/evidence/', 'folder:/data/evidence/index', 'folder:/data', 'folder:/']) {
    it(`refuses ${index} for the store /data/evidence: neither may lie in the other`, () =>
      assert.throws(() => indexFolder({root: '/app', store: 'folder:/data/evidence', index}), {code: 'config.invalid'}))
  }

  it('is in the project for a bucket, one for each store', () => {
    const of = (store: string) => indexFolder({root: '/app', store})
    assert.equal(of('s3://records-of-clinic?region=eu-west-1'), '/app/.hipaa-ci/index/records-of-clinic')
    assert.equal(of('s3://records-of-clinic/api/prod'), '/app/.hipaa-ci/index/records-of-clinic+api+prod')
    assert.equal(of('s3://clinic/api?endpoint=http://127.0.0.1:9000'), '/app/.hipaa-ci/index/clinic+api@127.0.0.1-9000')
    assert.equal(indexFolder({root: '/app', store: 's3://clinic', index: 'folder:/fast/index'}), '/fast/index')
  })

  it('refuses what is no folder', () =>
    assert.throws(() => indexFolder({root: '/app', store: 'folder:/data/evidence', index: 's3://bucket/prefix'}), {code: 'store.unsupported'}))
})
