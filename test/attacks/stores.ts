/**
 * Stores to attack: a bucket in memory, a folder, a copy of a bucket in a folder.
 *
 * Promise: files have the times of the test's clock, also those that an attacker writes; in the copy they have others.
 */
import {chmodSync, mkdirSync, rmSync, utimesSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import type {EvidenceStore, ObjectLock} from '../../src/lib/ports/evidence-store.ts'
import {openFolderStore} from '../../src/lib/stores/folder.ts'
import {versionedMemoryStore} from '../fakes/memory-store.ts'
import type {Clock, StoreInHand} from './scene.ts'

export function testClock(): Clock {
  let time = new Date(0)
  return {now: () => time, set: (text) => void (time = new Date(text))}
}

const SEVEN = (now: Date): ObjectLock => ({mode: 'COMPLIANCE', until: new Date(now.getTime() + 7 * 365 * 86_400_000).toISOString()})

/** @param relock asked for what a version gets instead of seven years */
export function bucketInHand(relock: () => ((now: Date) => ObjectLock | undefined) | undefined = () => undefined): StoreInHand {
  const clock = testClock()
  const store = versionedMemoryStore({now: clock.now, lock: (now) => (relock() ?? SEVEN)(now) ?? {}})
  return {
    kind: 'bucket',
    store,
    clock,
    hands: {
      async replace(key, bytes) {
        store.kept.delete(key)
        store.force(key, bytes)
      },
      async remove(key) {
        store.kept.delete(key)
      },
      force: async (key, bytes) => store.force(key, bytes),
      hide: async (key) => store.hide(key),
    },
  }
}

export function folderInHand(folder: string): StoreInHand {
  const clock = testClock()
  const plain = openFolderStore(folder)
  const touch = (key: string) => utimesSync(join(folder, key), clock.now(), clock.now())
  const write = async (key: string, bytes: Uint8Array) => {
    const path = join(folder, key)
    mkdirSync(dirname(path), {recursive: true})
    rmSync(path, {force: true})
    writeFileSync(path, bytes)
    chmodSync(path, 0o444)
    touch(key)
  }
  return {
    kind: 'folder',
    clock,
    store: {
      ...plain,
      async put(key, bytes) {
        const state = await plain.put(key, bytes)
        if (state === 'written') touch(key)
        return state
      },
    },
    hands: {
      replace: write,
      force: write,
      remove: async (key) => rmSync(join(folder, key)),
      hide: async () => {
        throw new Error('a folder hides nothing')
      },
    },
  }
}

/** What readers see of a bucket, in a folder of its own, every file with the same time. */
export async function copyOf(bucket: EvidenceStore, folder: string, time: Date): Promise<EvidenceStore> {
  const store = openFolderStore(folder)
  for await (const key of bucket.list('')) {
    const bytes = await bucket.get(key)
    if (bytes === undefined) continue
    await store.put(key, bytes)
    utimesSync(join(folder, key), time, time)
  }
  return store
}
