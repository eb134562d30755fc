/**
 * Signing what is committed. Pure.
 *
 * Rules: the first checkpoint of a seal is the one; another of the same text by a key of the log is as good. No text is
 * signed that could contradict one that was signed before: only of a seal that stands in the store.
 */
import {AppError} from '../errors.ts'
import {checkpointKey} from '../evidence/key.ts'
import {checkpointFault, checkpointNote, checkpointText, parseCheckpoint, type TreeHead} from './checkpoint.ts'
import type {LogState} from './fold.ts'
import type {VerifierKey} from './note.ts'
import {askGet, askPut, askSignature, type Steps} from './sealer-effects.ts'

export interface Signer {
  readonly origin: string
  /** That signs. */
  readonly key: VerifierKey
  /** Whose checkpoints count: `key`, and those before it. */
  readonly keys: readonly VerifierKey[]
}

/** How often a write whose outcome is unknown is tried. */
export const TRIES = 4

/** @returns the checkpoint as it is stored. @throws AppError `checkpoint.*`, `store.unreachable` */
export function* signHead(state: LogState, signer: Signer): Steps<string> {
  const head = headOf(state, signer)
  const note = checkpointNote(head, signer.key, yield* askSignature(checkpointText(head)))
  if (checkpointFault(parseCheckpoint(note), [signer.key]) !== undefined)
    throw new AppError('checkpoint.invalid', `the signature of ${signer.key.text} does not verify; nothing was written`)
  for (let tries = 0; tries < TRIES; tries += 1) {
    if ((yield* askPut(checkpointKey(state.n), Buffer.from(note))) === 'written') return note
    const stored = yield* readHead(state, signer)
    if (stored !== undefined) return stored
  }
  throw new AppError('store.unreachable', `the store does not say whether it has written ${checkpointKey(state.n)}`)
}

/** The checkpoint of a seal; undefined where there is none. @throws AppError `checkpoint.*` where it is not ours, or says something else */
export function* readHead(state: LogState, signer: Signer): Steps<string | undefined> {
  const key = checkpointKey(state.n)
  const bytes = yield* askGet(key)
  if (bytes === undefined) return undefined
  const checkpoint = parseCheckpoint(bytes)
  const fault = checkpointFault(checkpoint, signer.keys)
  if (fault !== undefined) throw new AppError(fault, `${key} is not signed by a key of the log`)
  if (checkpointText(checkpoint) !== checkpointText(headOf(state, signer)))
    throw new AppError('checkpoint.contradicts', `${key} says something else than its seal`)
  return checkpoint.note
}

function headOf({tree, root}: LogState, {origin}: Signer): TreeHead {
  return {origin, size: tree.size, root}
}
