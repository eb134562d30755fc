/**
 * The edges of the program as types: what an action may ask for.
 *
 * Types only. `cli/context.ts` binds them to real adapters; tests bind them to
 * small fakes with a written promise.
 */
import type {Config} from './config/schema.ts'
import type {DetailOf, EvidenceRecord, Outcome, Stream, Actor, Change, ToolRecord} from './evidence/schema.ts'
import type {RunState} from './evidence/run-state.ts'
import type {AppError, ReasonCode} from './errors.ts'

// ---------------------------------------------------------------- processes

/** What a tool left behind: exit code, both streams, and the files that it was told to write. */
export interface ToolOutput {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** By the names in `ToolSpec.outputs`; one that was not written is absent. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

export type ToolName = 'syft' | 'trivy' | 'semgrep' | 'cosign'

/** A tool adapter: two pure functions and what counts as an answer. */
export interface ToolSpec<Input, Output> {
  readonly tool: ToolName
  /** Exit codes with which the tool has answered; any other is `tool.failed`. */
  readonly answers: readonly number[]
  /** Names of files that it writes into its scratch folder. */
  readonly outputs: readonly string[]
  /** Files to lay into the scratch folder before the start. */
  readonly inputs?: (input: Input) => ReadonlyMap<string, Uint8Array>
  /** @param scratch absolute path of a fresh folder, removed afterwards */
  readonly argv: (input: Input, scratch: string) => readonly string[]
  /** Variables beyond the allow-listed environment. */
  readonly env?: (input: Input, scratch: string) => Readonly<Record<string, string>>
  /** Milliseconds; default 10 minutes. */
  readonly timeout?: number
  /** @throws AppError `tool.output` where the answer cannot be read */
  readonly parse: (output: ToolOutput, input: Input) => Output
}

export interface ToolResult<Output> {
  readonly value: Output
  /** Name, version and digest of the binary that answered: goes into the record. */
  readonly tool: ToolRecord
}

/** @throws AppError `tool.*`; a tool that is missing, crashed, was killed or timed out never looks like an answer. */
export type RunTool = <Input, Output>(spec: ToolSpec<Input, Output>, input: Input) => Promise<ToolResult<Output>>

// ---------------------------------------------------------------- the evidence store

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

// ---------------------------------------------------------------- the index and its questions

/** One value of a row, as every engine gives it. Whole numbers stay below 2^53. */
export type Cell = string | number | boolean | null

export interface EngineAnswer {
  readonly columns: readonly {readonly name: string; readonly type: string}[]
  readonly rows: readonly Readonly<Record<string, Cell>>[]
}

/** Runs a question's text over the flat tables (`index/tables.ts`). */
export interface QueryEngine {
  readonly name: string
  readonly version: string
  /**
   * @param parameters bound by the engine to `$name`, never pasted; those that the text does not name are ignored
   * @throws AppError `query.engine`
   */
  ask(sql: string, parameters: Readonly<Record<string, string>>): Promise<EngineAnswer>
}

/** Rows of records that were not indexed yet, on their way in. */
export interface IndexUpdate {
  /** The tables start empty: every record is to be read again. */
  readonly rebuild: boolean
  /** Keys of records that earlier updates met, in byte order; `indexed` is false where the tables do not hold the record (any more). */
  known(): AsyncIterable<{readonly key: string; readonly indexed: boolean}>
  /** A row of `table`, with every column of it. */
  append(table: string, row: Readonly<Record<string, Cell>>): Promise<void>
}

/** The derived tables beside a folder store. They can be thrown away: the store alone gives the same rows. */
export interface EvidenceIndex extends QueryEngine {
  /** `folder:/abs/path`, for messages. */
  readonly address: string
  /**
   * One at a time, also across processes. All that `work` appends becomes visible at once when it is done,
   * or not at all; questions of other processes go on with what they had.
   * @param fresh starts from nothing, as an index of another version of the tables does; what `known` gives is still the earlier one's
   * @throws AppError `store.conflict`, `store.unreachable`, `query.engine`
   */
  update<T>(fresh: boolean, work: (update: IndexUpdate) => Promise<T>): Promise<T>
  close(): Promise<void>
}

// ---------------------------------------------------------------- images

/** OCI content descriptor (image-spec, descriptor.md). */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: {readonly os: string; readonly architecture: string; readonly variant?: string}
}

export interface ManifestContent {
  readonly descriptor: Descriptor
  /** The exact bytes; their SHA-256 is the descriptor's digest (checked). */
  readonly bytes: Uint8Array
  readonly json: Manifest
}

/** An OCI image manifest or index, or its Docker v2 equal. */
export interface Manifest {
  readonly mediaType?: string
  readonly artifactType?: string
  readonly config?: Descriptor
  readonly layers?: readonly Descriptor[]
  /** Present on an index. */
  readonly manifests?: readonly Descriptor[]
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

/** One repository: in a registry, or an OCI image layout folder. Any source, any sink. */
export interface ImageStore {
  readonly kind: 'registry' | 'layout'
  /** `host/path`; undefined for a layout, which does not know. */
  readonly repository: string | undefined
  /** What tools are told: `host/path` or the layout's absolute path. */
  readonly location: string
  /** @param reference a tag or a digest. @throws AppError `image.not-found`, `registry.*` */
  resolve(reference: string): Promise<ManifestContent>
  /** Bytes checked against digest and size. @throws AppError `image.corrupt`, `registry.*` */
  blob(descriptor: Descriptor): Promise<Uint8Array>
  /** What is attached to `digest`: the referrers API, else the fallback tag (distribution-spec 1.1). Order is not meaningful. */
  referrers(digest: string): Promise<readonly Descriptor[]>
  /** Uploads unless it is there. */
  pushBlob(bytes: Uint8Array): Promise<Descriptor>
  /** @param tag also name it so */
  pushManifest(bytes: Uint8Array, mediaType: string, tag?: string): Promise<Descriptor>
  /** Makes `descriptor` (already pushed, with `subject`) appear among the referrers of `subject`, where the registry does not do that by itself. */
  linkReferrer(subject: Descriptor, descriptor: Descriptor): Promise<void>
}

/** A parsed TARGET argument. */
export type Target =
  | {readonly kind: 'registry'; readonly repository: string; readonly tag?: string; readonly digest?: string; readonly text: string}
  | {readonly kind: 'layout'; readonly path: string; readonly tag?: string; readonly digest?: string; readonly text: string}
  | {readonly kind: 'archive'; readonly path: string; readonly format: 'oci-archive' | 'docker-archive'; readonly text: string}
  | {readonly kind: 'folder'; readonly path: string; readonly text: string}

// ---------------------------------------------------------------- what scanners are given

/** A private copy of an image for tools that trust a folder: every byte was checked on its way. */
export interface ImageCopy {
  /** Absolute path of an OCI layout. */
  readonly path: string
  /** The copy itself, to read from. */
  readonly store: ImageStore
  remove(): Promise<void>
}

/** One image of a Docker archive, which has no manifest digest. */
export interface DockerArchive {
  /** Digest of its configuration: what Docker calls the image's id. */
  readonly digest: string
  readonly platform: string
}

export interface Checkouts {
  /** A layout that holds the one image manifest `digest` of `store`. @throws AppError `image.*`, `registry.*`, `layout.not-written` */
  single(store: ImageStore, digest: string): Promise<ImageCopy>
  /** An OCI archive as a layout. Nothing in it is checked yet. @throws AppError `image.corrupt`, `layout.not-written` */
  unpack(archive: string): Promise<ImageCopy>
  /** Checks every layer. @throws AppError `image.corrupt`, `image.unsupported` */
  dockerArchive(path: string): Promise<DockerArchive>
}

/** What the vulnerability scanner knows, and since when. */
export interface AdvisoryDatabase {
  /** The folder that Trivy is given, and downloads into. */
  readonly folder: string
  /** Absent: there is none, or it cannot be read. */
  readonly vulnerabilities?: {
    readonly updatedAt: string
    readonly sha256: string
    /** Names of the advisory sources in it: `debian 12`, `npm::GitHub Security Advisory Npm`. */
    readonly sources: readonly string[]
  }
  /** The index of Java archives. No rows: it is empty or cannot be read, and archives are overlooked in silence. */
  readonly java?: {readonly updatedAt: string; readonly nextUpdate: string; readonly rows: number}
}

// ---------------------------------------------------------------- signatures

/** A public key that a verification trusts. */
export interface TrustedKey {
  /** SHA-256 of the SubjectPublicKeyInfo (DER), hex. */
  readonly spki: string
  /** SubjectPublicKeyInfo as PEM. */
  readonly pem: string
}

/** What a Sigstore bundle turned out to be. `reason` is a code of the error table. */
export type BundleCheck =
  | {readonly state: 'verified'; readonly spki: string; readonly statement: unknown; readonly payload: Uint8Array}
  | {readonly state: 'failed'; readonly reason: ReasonCode; readonly message: string; readonly predicateType?: string}

/** In process, offline. Checks envelope, payload type, signature and key; never what the statement says. */
export type VerifyBundle = (bundle: Uint8Array, keys: readonly TrustedKey[]) => BundleCheck

// ---------------------------------------------------------------- the machine, as `doctor` asks it

export interface FoundTool extends ToolRecord {
  readonly path: string
  /** On PATH, or where set-up built it. */
  readonly from: 'path' | 'cache'
}

export interface StoreFacts {
  readonly exists: boolean
  /** By its rights, or those of the folder that it would be made in. */
  readonly writable: boolean
  readonly freeBytes: number
  /** UTC with milliseconds, by the names of the records; absent where there are none. */
  readonly newestRecord?: string
}

export interface KeyFileFacts {
  /** Permission bits, 0o600. */
  readonly mode: number
  readonly tracking: 'ignored' | 'tracked' | 'untracked' | 'no-repository'
}

/** Questions about this machine. Each is asked anew; nothing is changed but a scratch file for the clock. */
export interface Probe {
  readonly node: {readonly version: string; readonly path: string}
  /** @throws AppError `tool.missing`, `tool.version`, `tool.untrusted` */
  tool(name: ToolName): Promise<FoundTool>
  advisories(): Promise<AdvisoryDatabase>
  /** @param address as configured. @throws AppError `store.*` */
  store(address: string): Promise<StoreFacts>
  /** Undefined where there is no such file. @throws AppError `key.unreadable` */
  keyFile(path: string): Promise<KeyFileFacts | undefined>
  /** Asks for a manifest, as every other command does, but once. @throws AppError `registry.*` */
  registry(repository: string): Promise<void>
  /** What the file system of the temporary folder says the time is. */
  fileTime(): Promise<Date>
}

/** What `doctor` may touch. It works in spite of a broken configuration, which it then reports. */
export interface DoctorContext {
  readonly config: Config | AppError
  readonly ci: CiFacts
  readonly now: () => Date
  readonly progress: Progress
  readonly probe: Probe
}

// ---------------------------------------------------------------- facts and context

/** What the platform says about this job. Environment variables are claims, not proofs. */
export interface CiFacts {
  /** `github-actions`, `gitlab-ci`, another platform's id, or `workstation`. */
  readonly platform: string
  readonly ci: boolean
  /** CloudEvents `source`: `<repository>#<workflow>`, or `workstation#<host>`. */
  readonly source: string
  readonly job?: string
  readonly runUrl?: string
  readonly actor: Actor
  readonly change: Change
  /** Tracked files differ from `change.commit`: nothing built here comes from that commit alone. */
  readonly dirty?: boolean
}

/** Talk while work goes on; always stderr, never stdout. */
export interface Progress {
  /** A step begins, `Scanning linux/amd64`. */
  step(text: string): void
  /** A fact worth a line of its own. */
  note(text: string): void
}

export interface FileReader {
  /** @param path `-` is standard input. @throws AppError `usage.input` */
  read(path: string): Promise<Uint8Array>
  exists(path: string): Promise<boolean>
}

/** The folder of a project, for the one command that sets it up. Paths are absolute. */
export interface ProjectFiles {
  /** Undefined where nothing is there. @throws AppError `usage.input` */
  read(path: string): Promise<Uint8Array | undefined>
  /** Never overwrites. @param mode of the file, 0o600. @throws AppError `config.exists`, `usage.input` */
  writeNew(path: string, bytes: Uint8Array, mode: number): Promise<void>
  /** All or nothing. @throws AppError `usage.input` */
  replace(path: string, bytes: Uint8Array): Promise<void>
  /** What git would do with `path`, whether or not it is there. */
  tracking(path: string): Promise<'ignored' | 'tracked' | 'untracked' | 'no-repository'>
}

/** What the set-up of a project may touch: there is no configuration yet. */
export interface SetupContext extends Pick<Context, 'cwd' | 'progress' | 'runTool' | 'variable'> {
  readonly project: ProjectFiles
  /** The project's own name: that of its repository, else of its folder. */
  readonly name: string
}

/** Everything an action may touch. */
export interface Context {
  /** Of hipaa-ci itself, `0.1.0`. */
  readonly version: string
  readonly cwd: string
  readonly config: Config
  readonly ci: CiFacts
  readonly now: () => Date
  readonly newId: () => string
  /** A variable of the environment that a configuration or flag named. */
  readonly variable: (name: string) => string | undefined
  readonly progress: Progress
  readonly files: FileReader
  readonly runTool: RunTool
  readonly store: () => Promise<EvidenceStore>
  /** @param position writes there instead of where `HIPAA_CI_RUN` (or the process's own implicit run) stands */
  readonly recorder: (position?: RunPosition) => Promise<Recorder>
  readonly runs: () => Promise<RunFiles>
  readonly index: () => Promise<EvidenceIndex>
  readonly target: (text: string) => Promise<Target>
  readonly images: (target: Target & {kind: 'registry' | 'layout'}) => Promise<ImageStore>
  readonly verifyBundle: () => Promise<VerifyBundle>
  readonly checkouts: () => Promise<Checkouts>
  /** As it is now: read anew at every call. */
  readonly advisories: () => Promise<AdvisoryDatabase>
  /** Absolute paths of the rules that the code scan uses. */
  readonly codeRules: readonly string[]
}
