/** The store, the recorder in front of it, and a run's place in it. Types only. */
import type {RunState} from '../evidence/run-state.ts'
import type {DetailOf, EvidenceRecord, Outcome, ToolRecord} from '../evidence/schema.ts'
import type {Stream} from '../evidence/streams.ts'

/** Keys are those of `evidence/key.ts`. One behaviour suite runs on every implementation. */
export interface EvidenceStore {
  /** `folder:/abs/path`, for messages. */
  readonly address: string
  /**
   * Writes once, atomically: a reader sees nothing or all of it.
   * `present` means the very key was there before: keys name their digest, so that is success.
   * @throws AppError `store.unreachable`
   */
  put(key: string, bytes: Uint8Array): Promise<'written' | 'present'>
  /** @throws AppError `store.unreachable`; undefined where there is no such key */
  get(key: string): Promise<Uint8Array | undefined>
  /** Keys under `prefix` in byte order, also those that are no evidence (never scratch files of a writer). */
  list(prefix: string): AsyncIterable<string>
  /**
   * Everything that `list` shows and hides: all versions and delete markers under `prefix`, keys in byte order, a key's
   * newest version first. A store without versions has one of each.
   * @param after only keys greater than this one
   * @throws AppError `store.*`
   */
  versions(prefix: string, after?: string): AsyncIterable<ObjectVersion>
  /**
   * One version, and what protects it. Not for blobs of unknown size: it is held in memory.
   * @param version undefined: the current one
   * @throws AppError `store.*`; undefined where there is no such version, or a delete marker
   */
  read(key: string, version?: string): Promise<StoredVersion | undefined>
}

/** A line of a bucket's version list, or a file. */
export interface ObjectVersion {
  readonly key: string
  /** Absent in a store without versions. */
  readonly version?: string
  /** A delete marker hides the versions below it from readers. */
  readonly kind: 'object' | 'delete-marker'
  /** What readers without a version get. */
  readonly latest: boolean
  /** Bytes; 0 of a marker. */
  readonly size: number
  /** By the store's clock, UTC with milliseconds (S3 gives whole seconds). A folder's is anybody's. */
  readonly lastModified: string
}

/** What keeps a version from being removed. */
export interface ObjectLock {
  readonly mode?: 'COMPLIANCE' | 'GOVERNANCE'
  /** UTC with milliseconds. */
  readonly until?: string
  /** A legal hold. */
  readonly hold?: true
}

export interface StoredVersion {
  readonly bytes: Uint8Array
  readonly version?: string
  readonly lastModified: string
  /** Absent where the store locks nothing, or does not tell this role. */
  readonly lock?: ObjectLock
}

/** What is set for a store as a whole. `unknown`: this role may not see it, and why. */
export interface StoreSettings {
  readonly versioning: 'enabled' | 'suspended' | 'off' | 'unknown'
  readonly objectLock: 'enabled' | 'off' | 'unknown'
  /** What a new version gets; `days` by 365 a year. */
  readonly defaultRetention?: {readonly mode: 'COMPLIANCE' | 'GOVERNANCE'; readonly days: number}
  /** The bucket policy as it is written, JSON; undefined where there is none. */
  readonly policy?: string
  /** `expires`: an enabled rule removes current versions, or leaves delete markers. Undefined where it could not be seen. */
  readonly lifecycle?: 'none' | 'keeps' | 'expires'
  /** Questions that were refused: `versioning`, `object-lock`, `policy`, `lifecycle`. */
  readonly refused: readonly string[]
}

/** What may be asked and changed of a store beside its objects; each call needs rights of its own. Only a bucket has it. */
export interface StoreControls {
  /** @throws AppError `store.*` */
  settings(): Promise<StoreSettings>
  /**
   * Without the bytes. `{}` where it is surely not locked, undefined where the version is gone.
   * @throws AppError `store.*`; `store.refused` where this role may not see it, which is never an empty lock
   */
  lockOf(key: string, version: string | undefined): Promise<ObjectLock | undefined>
  /** Only to a later date. @throws AppError `store.*` */
  extend(key: string, version: string, until: string): Promise<void>
  /** @throws AppError `store.*` */
  setHold(key: string, version: string, hold: boolean): Promise<void>
}

/** A blob to be stored beside a record. */
export interface BlobInput {
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
  /** Signed, or named by digest elsewhere: redaction must not change it, and refuses it instead. */
  readonly exact?: boolean
}

/** What an action knows of a record; everything else is filled in by the recorder. */
export interface RecordInput<S extends Stream = Stream> {
  readonly stream: S
  /** `<repository>@sha256:…` or a URN; default the run's URN. */
  readonly subject?: string
  readonly environment?: string
  readonly outcome: Outcome
  readonly detail: DetailOf<S>
  readonly tools?: readonly ToolRecord[]
  readonly blobs?: readonly BlobInput[]
}

export interface WrittenRecord {
  readonly id: string
  readonly key: string
  readonly sha256: string
  readonly record: EvidenceRecord
}

/** The one way into the store: redact, validate, chain, blobs first, then the record, then the run file. */
export interface Recorder {
  /** @throws AppError `record.*`, `redaction.*`, `store.*`, `run.invalid` */
  write<S extends Stream>(input: RecordInput<S>): Promise<WrittenRecord>
  /**
   * Many at once, in order, one after another in the chain. Nothing is put unless all are valid and clean: every fault is named at once.
   * @param at what the nth input (from 0) is called in messages; default `record <n + 1>`
   */
  writeAll<S extends Stream>(inputs: readonly RecordInput<S>[], at?: (index: number) => string): Promise<readonly WrittenRecord[]>
  /** False under --no-record: `write` is then refused by the caller, not silently skipped. */
  readonly enabled: boolean
  /** The run that it writes into; undefined under --no-record. @throws AppError `run.invalid` */
  runId(): Promise<string | undefined>
}

/** Where a job stands in its run, and the lock on it: one writer at a time, also across processes. */
export interface RunPosition {
  /** Path of the run file, or `implicit run`; for messages. */
  readonly name: string
  /** What is pending survives the process. */
  readonly durable: boolean
  /** The state as it is now, without the lock. @throws AppError `run.invalid` */
  read(): Promise<RunState>
  /**
   * Holds the lock while `work` runs. `save` replaces the state durably, all or nothing.
   * @throws AppError `run.invalid`, `store.conflict` naming the holder where the lock is not had in time
   */
  exclusively<T>(work: (state: RunState, save: (state: RunState) => Promise<void>) => Promise<T>): Promise<T>
}

export interface RunFiles {
  /** @throws AppError `run.invalid` where the file is there already or cannot be written */
  create(path: string, state: RunState): Promise<RunPosition>
  open(path: string): RunPosition
}
