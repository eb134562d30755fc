/**
 * The whole log, or what of it follows a checkpoint: seal by seal, each with its checkpoint, nothing kept but where it ends.
 *
 * Rules: a fault does not end the walk. After one, a seal is taken as it says it is, so that one fault is one finding.
 */
import {AppError} from '../../errors.ts'
import type {EvidenceFinding} from '../../evidence/chain-link.ts'
import {checkpointKey, sealKey} from '../../evidence/key.ts'
import {foldSeal, isFault, stateAfter, type LogState} from '../../ledger/fold.ts'
import {headFinding} from '../../ledger/head-findings.ts'
import type {VerifierKey} from '../../ledger/note.ts'
import {decodeSeal, type StoredSeal} from '../../ledger/seal.ts'
import type {EvidenceStore, StoredVersion} from '../../ports/evidence-store.ts'
import {inOrder} from '../in-order.ts'
import {readFirst, type ListedLog, type LogObject} from './list-log.ts'

/** Seals on their way at the same time; each is some megabytes. */
const AT_ONCE = 4
/** Seals of a hole that are named one by one. */
const MAX_HOLE = 100

export interface WalkedSeal {
  /** Undefined where there is none that can be read. */
  readonly stored?: StoredSeal
  /** After it. */
  readonly state: LogState
  readonly findings: readonly EvidenceFinding[]
  /** Its checkpoint is what it has to be; undefined where there is none. */
  readonly signed?: boolean
  /** Its objects, as they are stored. */
  readonly read: readonly {readonly key: string; readonly stored: StoredVersion}[]
}

/** @param from the state that is known; the walk begins with the seal after it. @throws AppError `store.*` */
export async function* walkLog(store: EvidenceStore, listed: ListedLog, from: LogState, keys: readonly VerifierKey[]): AsyncGenerator<WalkedSeal> {
  let state = from
  for await (const {n, upto, object, bytes, note, read} of inOrder(placesAfter(listed, from.n), AT_ONCE, async (place) => readSeal(store, listed, place))) {
    const findings: EvidenceFinding[] = []
    const stored = object === undefined ? undefined : decoded(n, object.key, bytes, findings)
    if (object === undefined) findings.push(sealMissing({n, upto}))
    if (stored === undefined) {
      yield {state, findings, read}
      continue
    }
    const next = foldSeal(state, stored)
    // A hole, and what is wrong with the seal in it, was said where the walk came to it.
    const holed = n > state.n + 1
    if (isFault(next) && !holed) findings.push({...next, key: sealKey(n)})
    state = isFault(next) ? stateAfter(stored) : next
    const head = note === undefined ? undefined : headFinding(note, stored.seal, keys)
    if (head !== undefined) findings.push(head)
    yield {stored, state, findings, read, ...(note !== undefined && {signed: head === undefined && keys.length > 0})}
  }
}

/** Holes among the seals up to `n`, which the list alone shows. */
export function holesBefore(n: number, listed: ListedLog): EvidenceFinding[] {
  return placesAfter(listed, 0).flatMap((place) => (place.n > n || listed.seals.has(place.n) ? [] : [sealMissing(place)]))
}

function sealMissing({n, upto}: Place): EvidenceFinding {
  return {code: 'seal.missing', key: sealKey(n), message: upto === n ? `seal ${n} is not there` : `seals ${n} to ${upto} are not there`}
}

/** A seal that is there or should be; `upto` where a hole is too large to be told one by one. */
interface Place {
  readonly n: number
  readonly upto: number
}

/** Up to the last that a seal or a checkpoint tells of. A number that somebody made up must not be counted up to. */
function placesAfter({seals, checkpoints}: ListedLog, after: number): Place[] {
  const told = [...new Set([...seals.keys(), ...checkpoints.keys()])].filter((n) => n > after).toSorted((a, b) => a - b)
  let last = after
  return told.flatMap((n) => {
    const [first, hole] = [last + 1, n - last - 1]
    last = n
    const missing = hole > MAX_HOLE ? [{n: first, upto: n - 1}] : Array.from({length: hole}, (_, index) => ({n: first + index, upto: first + index}))
    return [...missing, {n, upto: n}]
  })
}

interface ReadSeal extends Place, Pick<WalkedSeal, 'read'> {
  readonly object: LogObject | undefined
  readonly bytes: Uint8Array | undefined
  readonly note: Uint8Array | undefined
}

async function readSeal(store: EvidenceStore, {seals, checkpoints}: ListedLog, {n, upto}: Place): Promise<ReadSeal> {
  const object = seals.get(n)
  // One that was signed since the list was read is there all the same.
  const head = checkpoints.get(n) ?? {key: checkpointKey(n)}
  const [seal, checkpoint] = await Promise.all([object && readFirst(store, object), object && readFirst(store, head)])
  const read = [[object?.key, seal] as const, [head.key, checkpoint] as const].flatMap(([key, stored]) =>
    key === undefined || stored === undefined ? [] : [{key, stored}],
  )
  return {n, upto, object, bytes: seal?.bytes, note: checkpoint?.bytes, read}
}

function decoded(n: number, key: string, bytes: Uint8Array | undefined, findings: EvidenceFinding[]): StoredSeal | undefined {
  try {
    if (bytes === undefined) throw new AppError('seal.unreadable', 'this has the name of a seal, and cannot be read')
    const stored = decodeSeal(bytes, key)
    if (stored.seal.n === n) return stored
    findings.push({code: 'seal.broken', key, message: `it calls itself seal ${stored.seal.n}`})
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    findings.push({code: error.code, key, message: error.message})
  }
  return undefined
}
