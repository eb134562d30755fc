/**
 * An evidence store in memory.
 *
 * Promise: what the behaviour suite of the stores asks for. Beyond that a test
 * may take away or replace what is stored, as an attacker would.
 */
import type {EvidenceStore} from '../../src/lib/ports/evidence-store.ts'

export interface MemoryStore extends EvidenceStore {
  readonly objects: Map<string, Uint8Array>
}

export function memoryStore(): MemoryStore {
  const objects = new Map<string, Uint8Array>()
  return {
    address: 'folder:/memory/evidence',
    objects,
    async put(key, bytes) {
      if (objects.has(key)) return 'present'
      objects.set(key, Uint8Array.from(bytes))
      return 'written'
    },
    async get(key) {
      const bytes = objects.get(key)
      return bytes === undefined ? undefined : Uint8Array.from(bytes)
    },
    async *list(prefix) {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix))
      yield* keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    },
  }
}
