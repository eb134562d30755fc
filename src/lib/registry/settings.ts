import type {AskCredentialHelper} from '../ports/credentials.ts'

/** What a conversation with a registry may cost. Everything a server sends is bounded by one of these. */
export interface RegistrySettings {
  /** Milliseconds without a byte moving. */
  readonly idle: number
  /** Milliseconds for one operation, retries and waits included. */
  readonly total: number
  /** The same for one blob that is streamed. */
  readonly transfer: number
  readonly attempts: number
  /** Requests to one server at the same time; uploads come on top. */
  readonly parallel: number
  /** Milliseconds before the second try; doubled for each further one, with jitter. */
  readonly wait: number
  /** The longest `Retry-After` that is waited for, in milliseconds. */
  readonly waitMax: number
  /** Bytes of a blob that is held in memory (`blob`); streams are bounded by the descriptor's size. */
  readonly blobMax: number
  /** Bytes of a list of referrers, over all pages. */
  readonly listMax: number
  readonly pagesMax: number
  /** Entries of a list of referrers. Whoever can push can attach, and a verdict reads them all. */
  readonly referrersMax: number
  /** Milliseconds after which a fallback tag is read again: a writer elsewhere that had read it before us has written by then. */
  readonly settle: number
  /** Holds the lock files of fallback-tag updates; made with mode 0700. */
  readonly lockFolder: string
  /** Docker's `config.json`; it need not exist. */
  readonly dockerConfig: string
  readonly askHelper: AskCredentialHelper
}

const MIB = 1024 * 1024

export const DEFAULTS: Omit<RegistrySettings, 'lockFolder' | 'dockerConfig' | 'askHelper'> = {
  idle: 60_000,
  total: 120_000,
  transfer: 1_800_000,
  attempts: 4,
  parallel: 8,
  wait: 250,
  waitMax: 15_000,
  blobMax: 32 * MIB,
  listMax: 4 * MIB,
  pagesMax: 50,
  referrersMax: 500,
  settle: 2_000,
}
