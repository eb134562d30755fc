/** Where evidence waits while the store is out of reach. Types only. */

/** Keys are those of the store. All that lies in it counts as waiting, but scratch files of writers. */
export interface Spool {
  /** Absolute, for messages. */
  readonly path: string
  /** Name of the store (`storeName`) that it was made for; undefined where that is not known. @throws AppError `store.unreachable` */
  waitsFor(): Promise<string | undefined>
  /** Keys in byte order, also what is no evidence; none where there is no such folder. @throws AppError `store.unreachable` */
  list(prefix: string): AsyncIterable<string>
  /** Undefined where it is gone. @throws AppError `record.unknown-object` where it is no file, `store.unreachable` */
  get(key: string): Promise<Uint8Array | undefined>
  /** Durable, and once: as a store's. @throws AppError `store.unreachable`; `spool.unusable` where evidence for another store waits in it */
  put(key: string, bytes: Uint8Array): Promise<'written' | 'present'>
  /** Durable; nothing where it is gone. Call it after the store has acknowledged. @throws AppError `store.unreachable` */
  remove(key: string): Promise<void>
}
