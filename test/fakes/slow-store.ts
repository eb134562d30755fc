/**
 * Puts a registry far away: requests that are made together are answered together.
 *
 * Promise: nothing is answered before all that can be asked at that moment has
 * been asked; `waves` holds what was asked in each. Answers are those of the
 * store behind it.
 */
import {setTimeout as sleep} from 'node:timers/promises'
import type {ImageStore} from '../../src/lib/ports/images.ts'

export interface SlowStore extends ImageStore {
  /** `resolve <reference>`, `blob <digest>`, `referrers <digest>` */
  readonly waves: string[][]
}

/** Milliseconds in which whoever has something to ask has asked it. */
const GATHER = 25

export function slowStore(store: ImageStore): SlowStore {
  const waves: string[][] = []
  let open: Promise<void> | undefined
  const wait = async (what: string): Promise<void> => {
    if (open === undefined) {
      waves.push([])
      open = sleep(GATHER).then(() => void (open = undefined))
    }
    waves.at(-1)?.push(what)
    await open
  }
  return {
    ...store,
    waves,
    async resolve(reference) {
      await wait(`resolve ${reference}`)
      return store.resolve(reference)
    },
    async blob(descriptor) {
      await wait(`blob ${descriptor.digest}`)
      return store.blob(descriptor)
    },
    async *streamBlob(descriptor) {
      await wait(`blob ${descriptor.digest}`)
      yield* store.streamBlob(descriptor)
    },
    async referrers(digest) {
      await wait(`referrers ${digest}`)
      return store.referrers(digest)
    },
  }
}
