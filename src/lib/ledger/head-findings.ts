/** Checkpoints against the log: the one beside each seal, and those that somebody kept elsewhere. Pure. */
import {AppError} from '../errors.ts'
import type {EvidenceFinding} from '../evidence/chain-link.ts'
import {checkpointKey, sealKey} from '../evidence/key.ts'
import {checkpointFault, parseCheckpoint, type Checkpoint} from './checkpoint.ts'
import type {VerifierKey} from './note.ts'
import type {Seal} from './seal.ts'

const FAULTS = {
  'checkpoint.wrong-key': 'no key of the log signed it',
  'checkpoint.invalid': 'its signature does not match it',
} as const

/** The checkpoint of a seal. @param keys none: whose it should be is not known, and is said once elsewhere */
export function headFinding(
  note: Uint8Array,
  {n, origin, size_after: size, root_after: root}: Seal,
  keys: readonly VerifierKey[],
): EvidenceFinding | undefined {
  const key = checkpointKey(n)
  let checkpoint: Checkpoint
  try {
    checkpoint = parseCheckpoint(note)
  } catch (error) {
    if (error instanceof AppError) return {code: error.code, key, message: error.message}
    throw error
  }
  const fault = keys.length === 0 ? undefined : checkpointFault(checkpoint, keys)
  if (fault !== undefined) return {code: fault, key, message: FAULTS[fault]}
  if (checkpoint.origin === origin && checkpoint.size === size && checkpoint.root === root) return undefined
  return {code: 'checkpoint.contradicts', key, message: `it says ${headText(checkpoint)}, and ${sealKey(n)} says ${headText({size, root})}`}
}

/** What the log was when somebody kept a checkpoint of it. */
export interface KeptHead {
  /** Where it lies, for messages. */
  readonly from: string
  readonly size: number
  readonly root: string
}

/** @param rootAt of the log at the end of the seal that ends at a size; undefined where none does */
export function keptFinding({from, size, root}: KeptHead, newest: number, rootAt: (size: number) => string | undefined): EvidenceFinding | undefined {
  if (size > newest) return {code: 'log.truncated', key: from, message: `the log had ${entries(size)}, and has ${newest}`}
  const own = rootAt(size)
  if (own === root) return undefined
  const now = own === undefined ? 'no seal ends there now' : `is now ${own}`
  return {code: 'log.forked', key: from, message: `at ${entries(size)} its root was ${root}; ${now}`}
}

function headText({size, root}: {readonly size: number; readonly root: string}): string {
  return `${entries(size)} with the root ${root}`
}

function entries(size: number): string {
  return `${size} ${size === 1 ? 'entry' : 'entries'}`
}
