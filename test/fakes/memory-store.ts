/**
 * An evidence store in memory, with or without versions and locks.
 *
 * Promise: what the behaviour suite of the stores asks for. Beyond that a test may do what an attacker with all rights
 * would: take away or replace what is stored (`objects`), or, with versions, whatever an owner of a bucket could
 * (`put` a second version, leave a delete marker). The clock is the test's.
 */
import type {EvidenceStore, ObjectLock, ObjectVersion, StoredVersion} from '../../src/lib/ports/evidence-store.ts'

export interface MemoryStore extends EvidenceStore {
  readonly objects: Map<string, Uint8Array>
}

export interface MemoryVersion extends ObjectVersion {
  readonly bytes: Uint8Array
  readonly lock?: ObjectLock
}

/** A bucket: all versions of a key, the newest first. */
export interface VersionedMemoryStore extends EvidenceStore {
  readonly kept: Map<string, MemoryVersion[]>
  /** A version beside those that are there, as an unconditional put makes one. */
  force(key: string, bytes: Uint8Array): void
  /** What a delete without a version leaves. */
  hide(key: string): void
}

export interface MemoryStoreOptions {
  readonly now?: () => Date
  /** What a new version gets. */
  readonly lock?: (now: Date) => ObjectLock
}

const compare = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
const EPOCH = new Date('2026-03-01T00:00:00.000Z')

/** Like a folder: one version of each key, and nothing is locked. @param now of the files, where a test looks at it */
export function memoryStore({now = () => EPOCH}: {readonly now?: () => Date} = {}): MemoryStore {
  const objects = new Map<string, Uint8Array>()
  const times = new Map<string, string>()
  const keys = (prefix: string) => [...objects.keys()].filter((key) => key.startsWith(prefix)).toSorted(compare)
  const timeOf = (key: string) => times.get(key) ?? now().toISOString()
  return {
    address: 'folder:/memory/evidence',
    objects,
    async put(key, bytes) {
      if (objects.has(key)) return 'present'
      objects.set(key, Uint8Array.from(bytes))
      times.set(key, now().toISOString())
      return 'written'
    },
    async get(key) {
      const bytes = objects.get(key)
      return bytes === undefined ? undefined : Uint8Array.from(bytes)
    },
    async *list(prefix) {
      yield* keys(prefix)
    },
    async *versions(prefix, after = '') {
      for (const key of keys(prefix).filter((one) => compare(one, after) > 0))
        yield {key, kind: 'object', latest: true, size: objects.get(key)?.length ?? 0, lastModified: timeOf(key)}
    },
    async read(key) {
      const bytes = objects.get(key)
      return bytes === undefined ? undefined : {bytes: Uint8Array.from(bytes), lastModified: timeOf(key)}
    },
  }
}

/** Like a bucket with versions and Object Lock. */
export function versionedMemoryStore({now = () => EPOCH, lock}: MemoryStoreOptions = {}): VersionedMemoryStore {
  const kept = new Map<string, MemoryVersion[]>()
  let count = 0
  const add = (key: string, kind: ObjectVersion['kind'], bytes: Uint8Array) => {
    count += 1
    const older = (kept.get(key) ?? []).map((one) => ({...one, latest: false}))
    const time = now()
    const locked = kind === 'object' && lock !== undefined ? {lock: lock(time)} : {}
    const own = {key, version: `v${String(count).padStart(6, '0')}`, kind, latest: true, size: bytes.length, lastModified: secondOf(time), ...locked}
    kept.set(key, [{...own, bytes: Uint8Array.from(bytes)}, ...older])
  }
  const current = (key: string) => kept.get(key)?.find(({latest, kind}) => latest && kind === 'object')
  const keys = (prefix: string) => [...kept.keys()].filter((key) => key.startsWith(prefix)).toSorted(compare)
  const stored = ({bytes, version, lastModified, lock: own}: MemoryVersion): StoredVersion => ({
    bytes: Uint8Array.from(bytes),
    ...(version !== undefined && {version}),
    lastModified,
    ...(own !== undefined && {lock: own}),
  })
  return {
    address: 's3://memory/evidence',
    kept,
    force: (key, bytes) => add(key, 'object', bytes),
    hide: (key) => add(key, 'delete-marker', new Uint8Array()),
    async put(key, bytes) {
      if (current(key) !== undefined) return 'present'
      add(key, 'object', bytes)
      return 'written'
    },
    async get(key) {
      const found = current(key)
      return found === undefined ? undefined : Uint8Array.from(found.bytes)
    },
    async *list(prefix) {
      yield* keys(prefix).filter((key) => current(key) !== undefined)
    },
    async *versions(prefix, after = '') {
      for (const key of keys(prefix).filter((one) => compare(one, after) > 0)) for (const {bytes: _, lock: __, ...version} of kept.get(key) ?? []) yield version
    },
    async read(key, version) {
      const found = version === undefined ? current(key) : kept.get(key)?.find((one) => one.version === version && one.kind === 'object')
      return found === undefined ? undefined : stored(found)
    },
  }
}

/** As S3 gives it: whole seconds. */
function secondOf(time: Date): string {
  return new Date(Math.floor(time.getTime() / 1000) * 1000).toISOString()
}
