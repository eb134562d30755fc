/** The write-ahead log of an admission server: what was answered lies here before the answer is given. Types only. */

export interface LoggedObject {
  /** Of the store: a record or a blob. */
  readonly key: string
  readonly bytes: Uint8Array
}

/** One process at a time has it open. */
export interface AdmissionLog {
  /** Absolute, for messages. */
  readonly path: string
  /**
   * Durable when it resolves (fdatasync); objects of one call are all there or, after a crash, none that follows a missing one.
   * Calls that wait at the same time share one sync.
   * @throws AppError `admission.log-full` where the bounds are reached, `admission.log-unusable`
   */
  append(objects: readonly LoggedObject[]): Promise<void>
  /** Oldest first; what was appended meanwhile comes, too. Ends where nothing is left. @throws AppError `admission.log-unusable` */
  waiting(): AsyncIterable<LoggedObject>
  /** Durable: what `waiting` gave up to here, and including it, is in the store. */
  shipped(upTo: LoggedObject): Promise<void>
  /** What waits, bytes, and since when the oldest of it does. */
  state(): {readonly bytes: number; readonly objects: number; readonly oldest?: Date}
  /** Set aside, at the opening or since, because it was not what was written; paths. A torn end is none: it was never acknowledged. */
  readonly damaged: readonly string[]
  /** The newest record that it was given and can still read, also where it is shipped: where the run before stood. @throws AppError `admission.log-unusable` */
  newestRecord(): Promise<LoggedObject | undefined>
  /** The run that was last begun in it. */
  readonly run: string | undefined
  /** Durable: what the next boot finds in `run`. @throws AppError `admission.log-unusable` */
  keepRun(runid: string): Promise<void>
  close(): Promise<void>
}

export interface AdmissionLogBounds {
  /** Default 256 MB: beyond it `append` refuses. */
  readonly bytes: number
  /** Milliseconds that the oldest may wait; default an hour. */
  readonly age: number
}

/** @param folder on a volume of its own; it is made. @throws AppError `admission.log-unusable`, also where another process has it open */
export type OpenAdmissionLog = (folder: string, bounds: AdmissionLogBounds) => Promise<AdmissionLog>
