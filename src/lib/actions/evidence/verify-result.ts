/** What is asked of a verification, and what it answers. Types only. */
import type {ExitCode} from '../../errors.ts'
import type {EvidenceFinding} from '../../evidence/chain-link.ts'

export interface VerifyEvidenceRequest {
  /** False: only their presence is checked. */
  readonly blobs: boolean
  /** Everything is read again, also where a list of versions would do. */
  readonly full?: boolean
  /** Verifier keys, or files with them; none: those of the configuration. */
  readonly keys?: readonly string[]
  /** What a key in PEM is named by. */
  readonly origin?: string
  /** A checkpoint that was kept: the log has to continue it, and in a bucket only what follows it is read. */
  readonly sinceCheckpoint?: string
  /** Where checkpoints were kept. */
  readonly anchors?: readonly string[]
  /** CloudTrail's data events: a file or a folder. */
  readonly writers?: string
}

export interface VerifiedLog {
  readonly origin: string
  /** Those that were read. */
  readonly seals: number
  readonly size: number
  /** Hex. */
  readonly root: string
  readonly newest: {readonly n: number; readonly sealed_at: string}
  /** The newest that is signed as it has to be; null where none is. */
  readonly checkpoint: {readonly n: number; readonly size: number; readonly root: string} | null
}

export interface VerifyEvidenceResult {
  readonly store: string
  readonly verdict: 'verified' | 'failed' | 'missing'
  readonly records: number
  /** Versions and delete markers of all objects. */
  readonly versions: number
  readonly runs: number
  readonly blobs: number
  /** False where only their presence was checked. */
  readonly blobsRead: boolean
  /** Null where no seal was read: the store was never sealed, or nothing was since the checkpoint. */
  readonly log: VerifiedLog | null
  /** Records that no seal has. */
  readonly unsealed: number
  /** What was kept outside, and the log continues: where it lies, and how many entries the log had. */
  readonly continues: readonly {readonly from: string; readonly size: number}[]
  readonly findings: readonly EvidenceFinding[]
  /** Records that came later than they say, and that a delivery accounts for: that is the word of who may write deliveries. */
  readonly delivered: readonly {readonly key: string; readonly message: string}[]
  /** Blobs that no readable record names: the first hundred digests, and how many there are. No fault by itself. */
  readonly unnamedBlobs: {readonly count: number; readonly first: readonly string[]}
  readonly notes: readonly string[]
  /** What stays open also where everything is verified. */
  readonly does_not_prove: readonly string[]
  readonly exitCode: ExitCode
}
