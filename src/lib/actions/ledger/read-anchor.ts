/**
 * Checkpoints that somebody kept: in a file, in a letter, with a timestamp, or in another store.
 *
 * Each has to be signed by a key that the reader trusts. An anchor that holds one that is not says nothing at all:
 * whoever kept it has to look at it.
 */
import {resolve} from 'node:path'
import {AppError} from '../../errors.ts'
import {CHECKPOINTS, parseCheckpointKey, timestampKey, TIMESTAMPS} from '../../evidence/key.ts'
import {checkpointFault, parseCheckpoint, type Checkpoint} from '../../ledger/checkpoint.ts'
import {notesInLetter} from '../../ledger/letter.ts'
import type {VerifierKey} from '../../ledger/note.ts'
import type {Context} from '../../ports/context.ts'
import {openTimestamps, type Timestamps} from './checkpoint-time.ts'

export interface AnchoredCheckpoint {
  readonly checkpoint: Checkpoint
  /** For messages: a path, or a store's address and a key. */
  readonly from: string
  /** UTC with milliseconds: it was there by then, as an authority says that `sealing.timestamp-authorities` pins. */
  readonly trustedTime?: string
}

type Needs = Pick<Context, 'config' | 'cwd' | 'files' | 'progress' | 'storeAt' | 'timestampTime'>
/** One that was found, as it was found. */
interface Found {
  readonly note: Uint8Array | string
  readonly from: string
  readonly response?: Uint8Array
}

const STORE = /^(folder|s3):/
/** Of a file that somebody names. */
const MAX_BYTES = 1024 * 1024
/** Asked of a store at the same time. */
const AT_ONCE = 16

/**
 * @param named a checkpoint's file (with `.tsr` beside it, where there is one), such a `.tsr`, a letter, `folder:PATH` or `s3://…`
 * @param keys whose checkpoints count, `verifierKeys`
 * @returns at least one, in the order in which they lie there
 * @throws AppError `anchor.*`, `checkpoint.*`, `policy.invalid`, `store.*`, `usage.input`
 */
export async function readAnchor(named: string, keys: readonly VerifierKey[], context: Needs): Promise<readonly AnchoredCheckpoint[]> {
  if (keys.length === 0) throw new AppError('checkpoint.no-key', `nothing says whose checkpoints in ${named} count`)
  const timestamps = await openTimestamps(context)
  const isStore = STORE.test(named)
  const found = isStore ? await inStore(named, context) : await inFile(resolve(context.cwd, named), context)
  if (found.length === 0) throw new AppError(isStore ? 'anchor.missing' : 'anchor.unreadable', `there is no checkpoint in ${named}`)
  const isStamped = found.some(({response}) => response !== undefined)
  if (isStamped && !timestamps.pinned) {
    if (named.endsWith('.tsr') && !isStore)
      throw new AppError('anchor.unreadable', `nothing says whose timestamps count, so ${named} says nothing`, {
        fix: 'Pin the authority under `sealing.timestamp-authorities`.',
      })
    context.progress.note(`The timestamps in ${named} say nothing: \`sealing.timestamp-authorities\` pins no authority`)
  }
  return found.map((one) => verified(one, keys, timestamps))
}

function verified({note, from, response}: Found, keys: readonly VerifierKey[], timestamps: Timestamps): AnchoredCheckpoint {
  const checkpoint = readNote(note, from)
  const fault = checkpointFault(checkpoint, keys)
  if (fault === 'checkpoint.invalid') throw new AppError(fault, `${from}: the signature of the checkpoint does not match it`)
  if (fault !== undefined) {
    const logs = [...new Set(keys.map(({name}) => name))]
    if (!logs.includes(checkpoint.origin))
      throw new AppError('anchor.other-log', `${from} is about the log ${checkpoint.origin}, and this is ${logs.join(' or ')}`)
    throw new AppError(fault, `${from}: no key that is trusted signed the checkpoint`)
  }
  if (response === undefined || !timestamps.pinned) return {checkpoint, from}
  const trustedTime = timestamps.timeOf(response, note)
  if (trustedTime === undefined)
    throw new AppError('anchor.unreadable', `${from}: no pinned authority vouches for the timestamp, or it is about something else`)
  return {checkpoint, from, trustedTime}
}

function readNote(note: Uint8Array | string, from: string): Checkpoint {
  try {
    return parseCheckpoint(note)
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause
    throw new AppError('anchor.unreadable', `${from} is no checkpoint`, {cause})
  }
}

async function inFile(path: string, {files}: Needs): Promise<readonly Found[]> {
  const isResponse = path.endsWith('.tsr')
  const file = isResponse ? path.slice(0, -'.tsr'.length) : path
  if (isResponse && !(await files.exists(file)))
    throw new AppError('anchor.unreadable', `${path} is a timestamp, and the checkpoint that it is about, ${file}, is not beside it`)
  const bytes = await read(file, files)
  const beside = isResponse || (await files.exists(`${file}.tsr`)) ? {response: await read(`${file}.tsr`, files)} : {}
  const letters = notesInLetter(bytes)
  return letters.length > 0 ? letters.map((note) => ({note, from: file, ...beside})) : [{note: bytes, from: file, ...beside}]
}

async function read(path: string, files: Needs['files']): Promise<Uint8Array> {
  const bytes = await files.read(path)
  if (bytes.length > MAX_BYTES) throw new AppError('anchor.unreadable', `${path} has ${bytes.length} bytes, and is no checkpoint`)
  return bytes
}

async function inStore(named: string, {storeAt, cwd}: Needs): Promise<readonly Found[]> {
  const store = await storeAt(named.replace(/^folder:(.+)$/s, (_, path: string) => `folder:${resolve(cwd, path)}`))
  const stamped = new Set(await Array.fromAsync(store.list(TIMESTAMPS)))
  const keys = (await Array.fromAsync(store.list(CHECKPOINTS))).filter((key) => parseCheckpointKey(key) !== undefined)
  const get = async (key: string) => {
    const bytes = await store.get(key)
    if (bytes === undefined) throw new AppError('anchor.unreadable', `${named} ${key} was there a moment ago, and cannot be read`)
    return bytes
  }
  const one = async (key: string): Promise<Found> => {
    const stamp = timestampKey(parseCheckpointKey(key) ?? 0)
    return {note: await get(key), from: `${named} ${key}`, ...(stamped.has(stamp) && {response: await get(stamp)})}
  }
  const found: Found[] = []
  for (let at = 0; at < keys.length; at += AT_ONCE) found.push(...(await Promise.all(keys.slice(at, at + AT_ONCE).map(one))))
  return found
}
