/**
 * A folder of a spool, a store in memory, and records that waited: the real recorder wrote them during an outage.
 *
 * Promise: `outage` writes as one process of a run would, or of none, and nothing of it reaches the store; `flusher` is a
 * process of its own, which may break off at its nth call of store or spool.
 */
import {join} from 'node:path'
import {createRecorder} from '../../src/lib/actions/evidence/record-evidence.ts'
import {AppError} from '../../src/lib/errors.ts'
import {openRecord, sha256Hex} from '../../src/lib/evidence/record.ts'
import {parseRecordKey, RECORDS} from '../../src/lib/evidence/key.ts'
import type {EvidenceRecord} from '../../src/lib/evidence/schema.ts'
import type {RecordInput, RunPosition} from '../../src/lib/ports/evidence-store.ts'
import type {Spool} from '../../src/lib/ports/spool.ts'
import {implicitRun} from '../../src/lib/stores/implicit-run.ts'
import {openSpool} from '../../src/lib/stores/spool.ts'
import {spooledStore} from '../../src/lib/stores/spooled.ts'
import {failing, type Fault} from './failing-port.ts'
import {memoryStore, type MemoryStore} from './memory-store.ts'
import {quietContext, type QuietContext} from './quiet-context.ts'
import {recorderParts} from './recorder-parts.ts'

export interface SpoolWorld {
  readonly store: MemoryStore
  /** Keys in the order in which the store got them. */
  readonly arrived: string[]
  readonly path: string
  spool(): Promise<Spool>
  /** @returns digests of the records */
  outage(names: readonly string[], position?: RunPosition): Promise<string[]>
  flusher(fault?: Fault): Promise<QuietContext>
  records(): Promise<{readonly sha256: string; readonly record: EvidenceRecord}[]>
}

export function testRecord(name: string): RecordInput<'test'> {
  const blob = {name: 'log.txt', mediaType: 'text/plain', bytes: Buffer.from(`log of ${name}`)}
  return {stream: 'test', outcome: 'pass', detail: {name, passed: 1, failed: 0, skipped: 0}, blobs: [blob]}
}

export function spoolWorld(folder: string): SpoolWorld {
  const store = memoryStore()
  const arrived: string[] = []
  const counted: MemoryStore = {
    ...store,
    async put(key, bytes) {
      const result = await store.put(key, bytes)
      if (result === 'written') arrived.push(key)
      return result
    },
  }
  const path = join(folder, 'spool')
  const spool = async () => openSpool(path, store.address)
  const parts = recorderParts()
  return {
    store: counted,
    arrived,
    path,
    spool,
    async outage(names, position = implicitRun(parts.newId(), 'main')) {
      const down = {...store, put: async () => Promise.reject(new AppError('store.unreachable', 'the store does not answer'))}
      const written = await createRecorder({...parts, store: spooledStore(down, spool, () => undefined), position}).writeAll(names.map(testRecord))
      return written.map(({sha256}) => sha256)
    },
    async flusher(fault) {
      const broken = <T extends object>(port: T): T => (fault === undefined ? port : failing(port, fault, 'bug'))
      const own = await spool()
      const recorder = createRecorder({...parts, store: broken(counted), position: implicitRun(parts.newId(), 'flush')})
      return quietContext({store: async () => broken(counted), spool: async () => broken(own), recorder: async () => recorder})
    },
    async records() {
      const keys = [...store.objects.keys()].filter((key) => key.startsWith(RECORDS) && parseRecordKey(key) !== undefined)
      return keys.map((key) => {
        const bytes = store.objects.get(key) ?? new Uint8Array()
        return {sha256: sha256Hex(bytes), record: openRecord(bytes)}
      })
    },
  }
}

/** Digests that delivery records account for. */
export async function accountedFor({records}: Pick<SpoolWorld, 'records'>): Promise<string[]> {
  const all = await records()
  return all.flatMap(({record}) => (record.stream === 'delivery' ? record.data.detail.records : []))
}
