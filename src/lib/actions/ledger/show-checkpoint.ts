/** The newest checkpoint for somebody to keep: printed, in a letter, in another store, with a timestamp. */
import {EXIT, type ExitCode} from '../../errors.ts'
import {letterText} from '../../ledger/letter.ts'
import type {Context} from '../../ports/context.ts'
import {copyCheckpoint, type CopiedCheckpoint} from './copy-checkpoint.ts'
import {checkpointToKeep} from './checkpoint-to-keep.ts'
import {storedTimestamp, timestampCheckpoint, type CheckpointTimestamp} from './timestamp-checkpoint.ts'
import {verifierKeys} from './verifier-keys.ts'

export interface ShowCheckpointRequest {
  /** Whose checkpoints count, as `verifierKeys` takes them; default: what the configuration says. */
  readonly keys: readonly string[]
  readonly origin?: string
  readonly letter: boolean
  /** The stored timestamp, or a new one. */
  readonly timestamp: boolean
  /** Another store. */
  readonly to?: string
}

export interface ShownCheckpoint {
  readonly exitCode: ExitCode
  readonly store: string
  /** Of the seal. */
  readonly n: number
  readonly origin: string
  readonly size: number
  /** Hex. */
  readonly root: string
  readonly note: string
  /** Verifier key of who signed it. */
  readonly signedBy: string
  readonly sealedAt: string
  /** UTC, as an authority says that is pinned. */
  readonly trustedTime?: string
  readonly copied?: CopiedCheckpoint
}

export interface KeptCheckpoint {
  readonly result: ShownCheckpoint
  /** Markdown, where it was asked for. */
  readonly letter?: string
  /** RFC 3161, DER, where it was asked for. */
  readonly response?: Uint8Array
}

/** @throws AppError `checkpoint.*`, `log.forked`, `seal.unreadable`, `store.*`, `timestamp.unreachable`, `key.*`, `key-service.*`, `usage.*` */
export async function showCheckpoint({keys: given, origin, letter, timestamp, to}: ShowCheckpointRequest, context: Context): Promise<KeptCheckpoint> {
  const keys = await verifierKeys(given, context, origin === undefined ? {} : {origin})
  const store = await context.store()
  const {n, checkpoint, signer, sealedAt} = await checkpointToKeep(store, keys)
  const {note} = checkpoint
  const stamped = await timestampFor(n, note, timestamp, context)
  const time = stamped?.time === undefined ? {} : {trustedTime: stamped.time}
  const copied = to === undefined ? undefined : await copyCheckpoint({n, note, ...(stamped !== undefined && {response: stamped.response})}, to, context)
  const result: ShownCheckpoint = {
    exitCode: EXIT.ok,
    store: store.address,
    n,
    origin: checkpoint.origin,
    size: checkpoint.size,
    root: checkpoint.root,
    note,
    signedBy: signer.text,
    sealedAt,
    ...time,
    ...(copied !== undefined && {copied}),
  }
  const facts = {checkpoint, n, key: signer, system: context.config.system, store: store.address, sealedAt, writtenAt: context.now().toISOString(), ...time}
  return {result, ...(letter && {letter: letterText(facts)}), ...(timestamp && stamped !== undefined && {response: stamped.response})}
}

async function timestampFor(n: number, note: string, wanted: boolean, context: Context): Promise<CheckpointTimestamp | undefined> {
  const stored = await storedTimestamp(n, note, await context.store(), context)
  return stored ?? (wanted ? timestampCheckpoint(note, context) : undefined)
}
