import assert from 'node:assert/strict'
import fc from 'fast-check'
import {mergeKeys, type KeyChange, type KnownKey} from '../../../src/lib/index/merge-keys.ts'

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

async function merge(listed: readonly string[], known: readonly KnownKey[]): Promise<KeyChange[]> {
  const changes: KeyChange[] = []
  for await (const change of mergeKeys(each(listed), each(known))) changes.push(change)
  return changes
}

describe('mergeKeys', () => {
  it('finds what is new and what is gone, whatever the two lists are', async () => {
    const keys = fc.uniqueArray(fc.stringMatching(/^[a-f]{1,3}$/))
    await fc.assert(
      fc.asyncProperty(keys, keys, fc.func(fc.boolean()), async (listed, known, isIndexed) => {
        const changes = await merge(
          listed.toSorted(),
          known.toSorted().map((key) => ({key, indexed: isIndexed(key)})),
        )
        const indexed = known.filter((key) => isIndexed(key))
        assert.deepEqual(
          changes.filter(({kind}) => kind === 'new').map(({key}) => key),
          listed.filter((key) => !indexed.includes(key)).toSorted(),
        )
        assert.deepEqual(
          changes.filter(({kind}) => kind === 'gone').map(({key}) => key),
          known.filter((key) => !listed.includes(key)).toSorted(),
        )
      }),
    )
  })

  it('refuses a list that is out of order: it would make false news', async () => {
    await assert.rejects(merge(['b', 'a'], []), {code: 'bug'})
    await assert.rejects(
      merge(
        [],
        [
          {key: 'b', indexed: true},
          {key: 'b', indexed: true},
        ],
      ),
      {code: 'bug'},
    )
  })
})
