/** The machine, as `doctor` asks it. Types only. */
import type {Config} from '../config/schema.ts'
import type {AppError} from '../errors.ts'
import type {ToolRecord} from '../evidence/schema.ts'
import type {CiFacts, FileReader, Progress} from './context.ts'
import type {StoreSettings} from './evidence-store.ts'
import type {AdvisoryDatabase} from './scanners.ts'
import type {ToolName} from './tools.ts'

export interface FoundTool extends ToolRecord {
  readonly path: string
  /** On PATH, or where set-up built it. */
  readonly from: 'path' | 'cache'
}

/** Of a folder. */
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
  /** @param address of a folder, as configured. @throws AppError `store.*` */
  store(address: string): Promise<StoreFacts>
  /** What is set for a bucket: asked as every command asks, but not for as long. @throws AppError `store.*` */
  bucket(address: string): Promise<StoreSettings>
  /** Undefined where there is no such file. @throws AppError `key.unreadable` */
  keyFile(path: string): Promise<KeyFileFacts | undefined>
  /** Asks for a manifest, as every other command does, but once. @throws AppError `registry.*` */
  registry(repository: string): Promise<void>
  /** What the file system of the temporary folder says the time is. */
  fileTime(): Promise<Date>
}

/** What `doctor` may touch. It works in spite of a broken configuration, which it then reports. */
export interface DoctorContext {
  /** As every command that judges sees it: under the platform's policy. */
  readonly config: Config | AppError
  /** Where the files lie that a policy names. */
  readonly files: FileReader
  readonly ci: CiFacts
  readonly now: () => Date
  readonly progress: Progress
  readonly probe: Probe
}
