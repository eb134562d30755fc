/** Has the RFC 3161 authority of `sealing.timestamp` say that a checkpoint was there. */
import {AppError} from '../../errors.ts'
import {timestampKey} from '../../evidence/key.ts'
import {shownAddress} from '../../evidence/web-address.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'
import {openTimestamps} from './checkpoint-time.ts'

export interface CheckpointTimestamp {
  /** TimeStampResp, DER, about the whole note. */
  readonly response: Uint8Array
  /** UTC with milliseconds; absent where no authority is pinned that could vouch for it. */
  readonly time?: string
}

type Needs = Pick<Context, 'config' | 'files' | 'timestamp' | 'timestampTime'>

/** A new one. @throws AppError `timestamp.unreachable`, `policy.invalid`, `usage.flag` where no authority is configured */
export async function timestampCheckpoint(note: string, context: Needs): Promise<CheckpointTimestamp> {
  const url = context.config.sealing?.timestamp
  if (url === undefined)
    throw new AppError('usage.flag', 'no authority is configured that could say when the checkpoint was there', {
      fix: 'Set `sealing.timestamp` to the address of an RFC 3161 authority.',
    })
  const timestamps = await openTimestamps(context)
  const response = await context.timestamp(url, Buffer.from(note))
  if (!timestamps.pinned) return {response}
  const time = timestamps.timeOf(response, note)
  // What is stored is never taken back, and one that no reader accepts would stand in the way of one that does.
  if (time === undefined)
    throw new AppError('timestamp.unreachable', `the timestamp of ${shownAddress(url)} is not by an authority that is pinned`, {
      fix: 'Check `sealing.timestamp`, and `sealing.timestamp-authorities`.',
    })
  return {response, time}
}

/** The one that lies in the log; undefined where there is none, or it says nothing of this checkpoint. @throws AppError `store.*`, `policy.invalid` */
export async function storedTimestamp(n: number, note: string, store: EvidenceStore, context: Needs): Promise<CheckpointTimestamp | undefined> {
  const response = await store.get(timestampKey(n))
  if (response === undefined) return undefined
  const timestamps = await openTimestamps(context)
  if (!timestamps.pinned) return {response}
  const time = timestamps.timeOf(response, note)
  return time === undefined ? undefined : {response, time}
}
