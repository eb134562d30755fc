/**
 * A sealed store, and the hands of somebody who may do everything in it.
 *
 * Promise: two whole runs and two seals with their checkpoints, of records that came when they say; verified as it is, there
 * is nothing to find. The clock of the store is the test's (of a folder and in memory), or the server's own.
 */
import {EvidenceWriter, image} from '../fakes/evidence-writer.ts'
import {checkpointKey, RECORDS, sealKey} from '../../src/lib/evidence/key.ts'
import type {SealedRecord} from '../../src/lib/evidence/record.ts'
import type {EvidenceStore} from '../../src/lib/ports/evidence-store.ts'
import {testCheckpointKey, type TestCheckpointKey} from '../fakes/checkpoint-keys.ts'
import {sealStore, type SealOptions} from '../fakes/sealed-store.ts'

export const KINDS = ['bucket', 'folder', 'copy'] as const
/** `copy`: a bucket's objects in a folder, without versions and with times of their own. */
export type Kind = (typeof KINDS)[number]

/** What an owner of the store can do to it. */
export interface Hands {
  /** In place of what is there: the bytes of a file, or a bucket's only version. */
  replace(key: string, bytes: Uint8Array): Promise<void>
  /** For good, all versions. */
  remove(key: string): Promise<void>
  /** Another version, as an unconditional put makes one. */
  force(key: string, bytes: Uint8Array): Promise<void>
  /** A delete marker. */
  hide(key: string): Promise<void>
}

export interface Clock {
  /** Of the store. */
  readonly now: () => Date
  set(time: string): void
}

export interface StoreInHand {
  readonly kind: Kind
  readonly store: EvidenceStore
  readonly hands: Hands
  readonly clock: Clock
}

export interface Scene extends StoreInHand {
  readonly writer: EvidenceWriter
  readonly key: TestCheckpointKey
  /** Of the two runs, in the order of the log: start, test, sbom, end; start, test, end. */
  readonly records: readonly SealedRecord[]
  /** As somebody kept it after the first run. */
  readonly kept: Uint8Array
  readonly seals: 2
  seal(options?: SealOptions): ReturnType<typeof sealStore>
  /** What is stored, of a key that is there. */
  bytes(key: string): Promise<Uint8Array>
}

export const TEST = {name: 'unit', passed: 1, failed: 0, skipped: 0}
/** Two bytes of it will do for an attack. */
export const LOG = Buffer.from('all is well')

/** @param start a second before the first record */
export async function buildScene(given: StoreInHand, start: string): Promise<Scene> {
  const {store, clock} = given
  const key = testCheckpointKey()
  const minutes = (count: number) => new Date(Date.parse(start) + count * 60_000).toISOString()
  clock.set(minutes(0))
  const writer = new EvidenceWriter(store, start)
  const first = writer.run()
  const records = [
    await writer.start(first, ['test', 'sbom']),
    await writer.write('test', TEST, {run: first, blobs: {'log.txt': LOG}}),
    await writer.sbom(image('a'), [{name: 'x', version: '1.0.0'}], {run: first}),
    await writer.end(first),
  ]
  await sealStore(store, {key, at: minutes(5)})
  const kept = await bytesOf(store, checkpointKey(1))
  const second = writer.run()
  records.push(await writer.start(second, ['test']), await writer.write('test', TEST, {run: second}), await writer.end(second))
  await sealStore(store, {key, at: minutes(10)})
  clock.set(minutes(11))
  const seal = async (options: SealOptions = {}) => sealStore(store, {key, at: minutes(12), ...options})
  return {...given, writer, key, records, kept, seals: 2, seal, bytes: async (one) => bytesOf(store, one)}
}

export async function bytesOf(store: EvidenceStore, key: string): Promise<Uint8Array> {
  const bytes = await store.get(key)
  if (bytes === undefined) throw new Error(`there is no ${key}`)
  return bytes
}

/** One bit of it is another. */
export function flipped(bytes: Uint8Array, at = bytes.length - 9): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))
}

export const [FIRST_SEAL, SECOND_SEAL] = [sealKey(1), sealKey(2)]
export const [FIRST_HEAD, SECOND_HEAD] = [checkpointKey(1), checkpointKey(2)]
export const FOREIGN = `${RECORDS}test/notes.txt`
