/* oxlint-disable no-await-in-loop -- one after the other is what a merge is */
/** What is new in the store, and what is gone from it: two lists of keys in byte order, read side by side. Pure. */
import {AppError} from '../errors.ts'

export type KeyChange =
  /** In the store, not indexed. */
  | {readonly kind: 'new'; readonly key: string}
  /** An earlier index met it; it is no longer in the store. */
  | {readonly kind: 'gone'; readonly key: string}

export interface KnownKey {
  readonly key: string
  readonly indexed: boolean
}

/**
 * @param listed keys of the store
 * @param known keys of earlier updates
 * @throws AppError `bug` where one of the two is not in byte order: a wrong order would make false news
 */
export async function* mergeKeys(listed: AsyncIterable<string>, known: AsyncIterable<KnownKey>): AsyncGenerator<KeyChange> {
  const others = ascending(known, ({key}) => key)
  let other = await others.next()
  for await (const key of ascending(listed, (text) => text)) {
    for (; other.done !== true && other.value.key < key; other = await others.next()) yield {kind: 'gone', key: other.value.key}
    const met = other.done !== true && other.value.key === key ? other.value : undefined
    if (met?.indexed !== true) yield {kind: 'new', key}
    if (met !== undefined) other = await others.next()
  }
  for (; other.done !== true; other = await others.next()) yield {kind: 'gone', key: other.value.key}
}

async function* ascending<T>(items: AsyncIterable<T>, keyOf: (item: T) => string): AsyncGenerator<T, undefined> {
  let before: string | undefined
  for await (const item of items) {
    const key = keyOf(item)
    if (before !== undefined && key <= before) throw new AppError('bug', `keys are out of order: ${before} before ${key}`)
    before = key
    yield item
  }
}
