/**
 * A log in memory with one record more at each `grow`, sealed and signed, and a context in front of it.
 *
 * Promise: the stores of `others` are memory stores by their address; the authority at `TSA` answers about some bytes with
 * `stamp of` their digest while `answers` is true, and only such an answer about them gives `TIME`.
 */
import {createHash} from 'node:crypto'
import {Config} from '../../../../src/lib/config/schema.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {parseCheckpoint, type Checkpoint} from '../../../../src/lib/ledger/checkpoint.ts'
import type {Context} from '../../../../src/lib/ports/context.ts'
import {checkpointKey} from '../../../../src/lib/evidence/key.ts'
import {ORIGIN, testCheckpointKey} from '../../../fakes/checkpoint-keys.ts'
import {EvidenceWriter} from '../../../fakes/evidence-writer.ts'
import {memoryStore, type MemoryStore} from '../../../fakes/memory-store.ts'
import {quietContext, type QuietContext} from '../../../fakes/quiet-context.ts'
import {sealStore} from '../../../fakes/sealed-store.ts'

export const TSA = 'https://tsa.example/stamp'
export const TIME = '2026-03-02T13:00:00.000Z'
const CHAIN = 'synthetic chain'
export const PINNED = {file: 'tsa.pem', sha256: `sha256:${createHash('sha256').update(CHAIN).digest('hex')}`}

export const key = testCheckpointKey()

export interface AnchoredLog {
  readonly store: MemoryStore
  readonly others: Map<string, MemoryStore>
  readonly context: QuietContext
  /** What was asked of the authority. */
  readonly asked: string[]
  answers: boolean
  /** One more record, sealed; the number of the seal. */
  grow(words?: string): Promise<number>
  checkpoint(n: number): Checkpoint
}

export function stampOf(bytes: Uint8Array | string): Uint8Array {
  return Buffer.from(`stamp of ${createHash('sha256').update(bytes).digest('hex')}`)
}

/**
 * @param sealing beside the origin and the key that counts
 * @param parts of the context, in place of those above
 */
export function anchoredLog(sealing: object = {}, parts: (store: MemoryStore) => Partial<Context> = () => ({})): AnchoredLog {
  const store = memoryStore()
  const writer = new EvidenceWriter(store)
  const others = new Map<string, MemoryStore>()
  const asked: string[] = []
  let n = 0
  const log: Omit<AnchoredLog, 'context'> = {
    store,
    others,
    asked,
    answers: true,
    async grow(words = 'unit') {
      await writer.write('test', {name: words, passed: 1, failed: 0, skipped: 0})
      await sealStore(store, {key})
      return (n += 1)
    },
    checkpoint: (number) => parseCheckpoint(store.objects.get(checkpointKey(number)) ?? new Uint8Array()),
  }
  const context = quietContext({
    config: {...Config.parse({version: 1, system: 'patient-api', sealing: {origin: ORIGIN, keys: [key.verifier.text], ...sealing}}), root: '/project'},
    files: {exists: async () => true, read: async () => Buffer.from(CHAIN)},
    store: async () => store,
    async storeAt(address) {
      const other = others.get(address)
      if (address === store.address) return store
      if (other === undefined) throw new AppError('store.unreachable', `nothing answers for ${address}`)
      return {...other, address}
    },
    async timestamp(url, bytes) {
      asked.push(url)
      if (!log.answers) throw new AppError('timestamp.unreachable', `${url} gave no timestamp: HTTP 503`)
      return stampOf(bytes)
    },
    timestampTime: async () => (response, about) => (Buffer.from(response).equals(stampOf(about)) ? TIME : undefined),
    ...parts(store),
  })
  return Object.assign(log, {context})
}
