/** A checkpoint (C2SP tlog-checkpoint v1.0.0): origin, size and root of the log, as a signed note. Pure. */
import {AppError} from '../errors.ts'
import {formatSignature, noteSigners, parseNote, type VerifierKey} from './note.ts'

export interface TreeHead {
  readonly origin: string
  readonly size: number
  /** Hex. */
  readonly root: string
}

export interface Checkpoint extends TreeHead {
  /** The whole note. */
  readonly note: string
}

/** What is signed. */
export function checkpointText({origin, size, root}: TreeHead): string {
  return `${origin}\n${size}\n${Buffer.from(root, 'hex').toString('base64')}\n`
}

export function checkpointNote(head: TreeHead, key: VerifierKey, signature: Uint8Array): string {
  return `${checkpointText(head)}\n${formatSignature(key, signature)}`
}

/** Reads it; who signed it is not looked at. @throws AppError `checkpoint.unreadable` */
export function parseCheckpoint(bytes: Uint8Array | string): Checkpoint {
  const {text} = parseNote(bytes)
  const [, origin, size, root] = /^([^\n]+)\n(0|[1-9]\d{0,14})\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*$/.exec(text) ?? []
  if (origin === undefined || size === undefined || root === undefined) throw new AppError('checkpoint.unreadable', 'this is not a checkpoint')
  return {origin, size: Number(size), root: Buffer.from(root, 'base64').toString('hex'), note: Buffer.from(bytes).toString('utf8')}
}

/** Why a checkpoint is not one of `keys`; undefined where one of them signed it. */
export function checkpointFault({note, origin}: Checkpoint, keys: readonly VerifierKey[]): 'checkpoint.wrong-key' | 'checkpoint.invalid' | undefined {
  // The log's own name is its key's name: another log's key vouches for that log only.
  const signers = noteSigners(
    parseNote(note),
    keys.filter(({name}) => name === origin),
  )
  if (signers === 'invalid') return 'checkpoint.invalid'
  return signers.length === 0 ? 'checkpoint.wrong-key' : undefined
}
