/** What a verification gathers while it goes through the log and the store. */
import type {EvidenceFinding} from '../../evidence/chain-link.ts'
import type {LogState} from '../../ledger/fold.ts'
import type {BlobBook} from '../../ledger/blob-book.ts'
import type {Findings} from '../../ledger/findings.ts'
import type {LeafBook} from '../../ledger/leaf-book.ts'
import type {RunBook} from '../../ledger/run-book.ts'
import type {WriterBook} from '../../access/writer-findings.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'

export interface Verification {
  readonly store: EvidenceStore
  /** Everything is read again, and held to what the log says of it. */
  readonly full: boolean
  /** Blobs are read where records are. */
  readonly blobs: boolean
  /** Versions have ids: a bucket. Where there is neither log nor record it is not known, and does not matter. */
  readonly versioned: boolean
  /** There is a log, or there should be. */
  readonly sealed: boolean
  /** Where the walk begins: what was sealed before is known by the list of objects alone. */
  readonly since?: LogState
  /** When the seal that it begins after came, by the store's clock: no seal's own word for it is signed. */
  readonly sinceCame?: string
  readonly findings: Findings
  readonly leaves: LeafBook
  readonly runs: RunBook
  readonly blobBook: BlobBook
  /** Records that cannot be read: by the digest in their name. */
  readonly damaged: Map<string, {readonly key: string; readonly stream: string}>
  /** Records that came later than they say, by key: a delivery may account for them. */
  readonly late: Map<string, {readonly finding: EvidenceFinding; readonly sealed: boolean}>
  /** Keys that list as files and are none. */
  readonly unread: Set<string>
  readonly writers?: WriterBook
}

/** Whether the bytes of records are read: without versions nothing else shows a change. */
export function readsBytes({full, versioned}: Pick<Verification, 'full' | 'versioned'>): boolean {
  return full || !versioned
}
