/**
 * Brings a checkpoint out of the hands of who owns the store: `sealing.timestamp` first, then `sealing.copies`.
 *
 * An anchor that fails takes nothing back: the seal stands, the others are served, and the next call tries again.
 */
import {AppError, worstExit, type ExitCode, type ReasonCode} from '../../errors.ts'
import {timestampKey} from '../../evidence/key.ts'
import {shownAddress} from '../../evidence/web-address.ts'
import type {Context} from '../../ports/context.ts'
import {copyCheckpoint} from './copy-checkpoint.ts'
import {storedTimestamp, timestampCheckpoint, type CheckpointTimestamp} from './timestamp-checkpoint.ts'

/** One anchor, and what became of it. */
export type Anchored = {readonly kind: 'timestamp' | 'copy'; /** Of the authority or the store. */ readonly where: string} & (
  | {
      readonly state: 'written' | 'present'
      /** Of a timestamp, UTC, where an authority is pinned. */
      readonly time?: string
    }
  | {readonly state: 'failed'; readonly code: ReasonCode; readonly message: string}
)

export interface AnchorResult {
  readonly anchors: readonly Anchored[]
  /** 4 where an anchor could not be reached; 5 where one holds another history. */
  readonly exitCode: ExitCode
}

type Needs = Pick<Context, 'config' | 'cwd' | 'files' | 'progress' | 'store' | 'storeAt' | 'timestamp' | 'timestampTime'>

/** @param checkpoint of seal `n`, signed and stored. Whatever fails is told in the result. */
export async function anchorCheckpoint({n, note}: {readonly n: number; readonly note: string}, context: Needs): Promise<AnchorResult> {
  const {timestamp, copies = []} = context.config.sealing ?? {}
  const anchors: Anchored[] = []
  const exits: ExitCode[] = []
  const attempt = async (kind: Anchored['kind'], where: string, work: () => Promise<Anchored>): Promise<void> => {
    try {
      anchors.push(await work())
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      anchors.push({kind, where, state: 'failed', code: error.code, message: error.message})
      exits.push(error.exitCode)
    }
  }

  let stamped: CheckpointTimestamp | undefined
  if (timestamp !== undefined) {
    const where = shownAddress(timestamp)
    await attempt('timestamp', where, async () => {
      const store = await context.store()
      stamped = await storedTimestamp(n, note, store, context)
      if (stamped !== undefined) return {kind: 'timestamp', where, state: 'present', ...timeOf(stamped)}
      context.progress.step(`Asking ${where} for the time`)
      const fresh = await timestampCheckpoint(note, context)
      // Another sealer may have asked, too: what was stored first goes along with the copies.
      const state = await store.put(timestampKey(n), fresh.response)
      stamped = state === 'written' ? fresh : await storedTimestamp(n, note, store, context)
      if (stamped === undefined) throw new AppError('timestamp.unreachable', `${timestampKey(n)} is there already, and is not about this checkpoint`)
      return {kind: 'timestamp', where, state, ...timeOf(stamped)}
    })
  }
  for (const copy of copies)
    await attempt('copy', copy, async () => {
      const {address, state} = await copyCheckpoint({n, note, ...(stamped !== undefined && {response: stamped.response})}, copy, context)
      return {kind: 'copy', where: address, state}
    })
  return {anchors, exitCode: worstExit(exits)}
}

function timeOf({time}: CheckpointTimestamp): {readonly time?: string} {
  return time === undefined ? {} : {time}
}
