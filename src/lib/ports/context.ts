/** Facts about the job, and everything that an action may touch. Types only. */
import type {Config} from '../config/schema.ts'
import type {Actor, Change} from '../evidence/schema.ts'
import type {OpenAdmissionLog} from './admission-log.ts'
import type {StartAdmissionServer} from './admission-server.ts'
import type {FetchDocument} from './documents.ts'
import type {EvidenceIndex} from './evidence-index.ts'
import type {EvidenceStore, Recorder, RunFiles, RunPosition, StoreControls} from './evidence-store.ts'
import type {ImageStore, Target} from './images.ts'
import type {OpenCheckpointKey, OpenServiceKey, RequestTimestamp, TimestampTime} from './keys.ts'
import type {AdvisoryDatabase, Checkouts} from './scanners.ts'
import type {VerifySignature} from './signatures.ts'
import type {Spool} from './spool.ts'
import type {RunTool} from './tools.ts'
import type {Wait} from './wait.ts'
import type {VerifiedJob} from './verified-job.ts'

/** What the platform says about this job. Environment variables are claims, not proofs; `verified` is what a token proves. */
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
  /** Others than `change.authors` may have written it, too: the checkout does not reach far enough. */
  readonly authorsPartial?: boolean
  /** Where the platform offered an identity token, and a command that signs asked for it; `actor` and `change` then say the same. */
  readonly verified?: VerifiedJob
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

/** A line that is not blank, or why one, or the rest, could not be read. */
export type TextLine = {readonly text: string} | {readonly fault: string}

/** The folder of a project, for the one command that sets it up. Paths are absolute. */
export interface ProjectFiles {
  /** Undefined where nothing is there. @throws AppError `usage.input` */
  read(path: string): Promise<Uint8Array | undefined>
  /** With its folder; never overwrites. @param mode of the file, 0o600. @throws AppError `config.exists`, `usage.input` */
  writeNew(path: string, bytes: Uint8Array, mode: number): Promise<void>
  /** All or nothing. @param mode of the file; default 0o644. @throws AppError `usage.input` */
  replace(path: string, bytes: Uint8Array, mode?: number): Promise<void>
  /** With those above it; nothing where it is there. @throws AppError `usage.input` */
  makeFolder(path: string): Promise<void>
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
  /** Asked for by what records or states; who only reads need not wait for git. */
  readonly ci: () => Promise<CiFacts>
  readonly now: () => Date
  readonly newId: () => string
  /** A variable of the environment that a configuration or flag named. */
  readonly variable: (name: string) => string | undefined
  readonly progress: Progress
  readonly files: FileReader
  /** Paths of all files in a folder, at any depth, sorted; undefined where `path` is no folder. @throws AppError `usage.input` */
  readonly filesIn: (path: string) => Promise<readonly string[] | undefined>
  /** The lines of a file that may be too large to be held, also of a gzip. @param path `-` is standard input. @throws AppError `usage.input` where it cannot be opened */
  readonly linesOf: (path: string) => AsyncIterable<TextLine>
  /** For what changes the configuration itself. */
  readonly project: () => Promise<ProjectFiles>
  readonly runTool: RunTool
  /** With a spool behind it, where there is one. */
  readonly store: () => Promise<EvidenceStore>
  /** Where evidence waits while the store is out of reach; undefined where none is configured. @throws AppError `spool.unusable` */
  readonly spool: () => Promise<Spool | undefined>
  /** Another place: a copy, an anchor. Paths in it are absolute. @throws AppError `store.unsupported` */
  readonly storeAt: (address: string) => Promise<EvidenceStore>
  /** @throws AppError `store.unsupported` where the store is a folder */
  readonly storeControls: () => Promise<StoreControls>
  readonly checkpointKey: OpenCheckpointKey
  /** @param position writes there instead of where `HIPAA_CI_RUN` (or the process's own implicit run) stands. @param into puts there instead of into the store */
  readonly recorder: (position?: RunPosition, into?: EvidenceStore) => Promise<Recorder>
  readonly runs: () => Promise<RunFiles>
  readonly admissionLog: OpenAdmissionLog
  readonly index: () => Promise<EvidenceIndex>
  readonly target: (text: string) => Promise<Target>
  readonly images: (target: Target & {kind: 'registry' | 'layout'}) => Promise<ImageStore>
  readonly verifySignature: () => Promise<VerifySignature>
  readonly serviceKey: OpenServiceKey
  readonly timestamp: RequestTimestamp
  readonly timestampTime: () => Promise<TimestampTime>
  readonly fetchDocument: FetchDocument
  readonly checkouts: () => Promise<Checkouts>
  /** As it is now: read anew at every call. */
  readonly advisories: () => Promise<AdvisoryDatabase>
  /** Absolute paths of the rules that the code scan uses. */
  readonly codeRules: readonly string[]
  readonly wait: Wait
  readonly startAdmissionServer: () => Promise<StartAdmissionServer>
}
