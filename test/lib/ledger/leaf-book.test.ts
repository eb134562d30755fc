import assert from 'node:assert/strict'
import {createLeafBook, listedFinding} from '../../../src/lib/ledger/leaf-book.ts'
import type {Leaf} from '../../../src/lib/ledger/leaf.ts'
import type {ObjectVersion} from '../../../src/lib/ports/evidence-store.ts'

const KEY = 'records/v1/test/x'
const leaf = (version?: string): Leaf => ({
  v: 1,
  key: KEY,
  sha256: 'a'.repeat(64),
  size: 10,
  last_modified: '2026-03-02T08:00:00.500Z',
  stream: 'test',
  ...(version !== undefined && {version}),
})
const listed = (version?: string, more: Partial<ObjectVersion> = {}): ObjectVersion => ({
  key: KEY,
  kind: 'object',
  latest: true,
  size: 10,
  lastModified: '2026-03-02T08:00:00.000Z',
  ...(version !== undefined && {version}),
  ...more,
})

describe('what is sealed of a key', () => {
  it('is each version once', () => {
    const book = createLeafBook()
    assert.deepEqual([book.add(leaf('a'), 1), book.add(leaf('b'), 2), book.add(leaf('a'), 3)?.code], [undefined, undefined, 'seal.twice'])
    assert.deepEqual(
      [book.size, book.versioned, book.take(KEY)?.map(({version, n}) => [version, n]), book.take(KEY)],
      [
        3,
        true,
        [
          ['a', 1],
          ['b', 2],
        ],
        undefined,
      ],
    )
    assert.deepEqual([...book.rest()], [])
  })

  it('has to be listed, as it was, by whole seconds', () => {
    const book = createLeafBook()
    book.add(leaf('a'), 1)
    const [sealed] = book.take(KEY) ?? []
    assert.ok(sealed !== undefined)
    const found = (versions: ObjectVersion[], versioned = true) => listedFinding(KEY, sealed, versions, versioned)?.code
    assert.equal(found([listed('b'), listed('a')]), undefined)
    assert.equal(found([listed('b')]), 'record.deleted')
    assert.equal(found([]), 'record.deleted')
    assert.equal(found([listed('a', {kind: 'delete-marker'})]), 'record.deleted')
    assert.equal(found([listed('a', {size: 9})]), 'record.altered')
    assert.equal(found([listed('a', {lastModified: '2026-03-02T08:00:01.000Z'})]), 'seal.false-leaf')
    // A copy has no versions, and times of its own.
    assert.equal(found([listed(undefined, {lastModified: '2026-04-02T08:00:01.000Z'})], false), undefined)
  })
})
