/** Blobs that records name, and blobs that are there. Pure. */
import type {EvidenceFinding} from '../evidence/chain-link.ts'

interface Naming {
  /** Of the record. */
  readonly key: string
  /** As the record says; undefined where only its leaf was read. */
  readonly size: number | undefined
}

export interface BlobBook {
  /** @param key of the record that names it */
  name(sha256: string, key: string, size?: number): void
  /** @param size as it is listed or was read */
  found(sha256: string, size: number): void
  readonly count: number
  /** Named, and not there: digest and the first record that names it. */
  missing(): Iterable<readonly [string, string]>
  /** Whose size is not what a record says. */
  sizes(): EvidenceFinding[]
  /** There, and named by no record that was read. */
  unnamed(): string[]
}

export function createBlobBook(): BlobBook {
  const named = new Map<string, Naming>()
  /** Where two records say two sizes. */
  const disputed: (readonly [string, Naming])[] = []
  const present = new Map<string, number>()
  return {
    name(sha256, key, size) {
      const before = named.get(sha256)
      if (before === undefined || (before.size === undefined && size !== undefined)) named.set(sha256, {key, size})
      else if (size !== undefined && before.size !== size) disputed.push([sha256, {key, size}])
    },
    found: (sha256, size) => void present.set(sha256, size),
    get count() {
      return present.size
    },
    *missing() {
      for (const [sha256, {key}] of named) if (!present.has(sha256)) yield [sha256, key]
    },
    sizes: () =>
      [...named, ...disputed].flatMap(([sha256, {key, size}]) => {
        const bytes = present.get(sha256)
        if (size === undefined || bytes === undefined || bytes === size) return []
        return [{code: 'blob.altered', key, message: `its blob ${sha256} has ${bytes} bytes, and the record says ${size}`}]
      }),
    unnamed: () => [...present.keys()].filter((sha256) => !named.has(sha256)),
  }
}
