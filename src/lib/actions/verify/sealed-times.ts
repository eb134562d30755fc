/**
 * When a signature was certainly there, by the log over the evidence: the sealed record that names its bundle.
 *
 * Asked only where a verdict hangs on it: a key that is retired, and no timestamp. The log counts up to its newest
 * checkpoint that a key of `sealing` signed, and is folded from its beginning; whatever is wrong with it, there is no
 * trusted time. What a seal says of itself is signed by nobody, and a folder's times are its owner's: the time is when a
 * bucket says that the record came, or that of a pinned authority on a checkpoint over it. Under a platform's policy it
 * never counts: the project names the log, and could name one of its own.
 */
import {AppError} from '../../errors.ts'
import {checkpointKey, timestampKey} from '../../evidence/key.ts'
import {openRecord, sha256Hex} from '../../evidence/record.ts'
import type {Stream} from '../../evidence/streams.ts'
import {checkpointFault, parseCheckpoint} from '../../ledger/checkpoint.ts'
import {foldSeal, isFault, START, type LogState} from '../../ledger/fold.ts'
import type {Leaf} from '../../ledger/leaf.ts'
import type {VerifierKey} from '../../ledger/note.ts'
import {signerFault} from '../../policy/key-window.ts'
import type {Attached, Observation, Policy} from '../../policy/model.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'
import {openTimestamps, type Timestamps} from '../ledger/checkpoint-time.ts'
import {readLog} from '../ledger/read-log.ts'
import {verifierKeys} from '../ledger/verifier-keys.ts'

/** Records that are written when something is signed. */
const SIGNING: ReadonlySet<Stream> = new Set(['signature', 'attestation', 'approval', 'promotion'])

/** `observed` with the times that the log proves. */
export async function withSealedTimes(observed: Observation, policy: Policy, now: Date, context: Context): Promise<Observation> {
  const wanted = new Set([...observed.attached.values()].flat().flatMap((item) => (wantsTime(item, policy, now) ? [item.bundle] : [])))
  if (wanted.size === 0 || context.config.sealing === undefined || context.config.platform !== undefined) return observed
  const times = await sealedTimes(wanted, context)
  if (times.size === 0) return observed
  const timed = (item: Attached): Attached => {
    const signedAt = item.state === 'verified' && item.signedAt === undefined ? times.get(item.bundle) : undefined
    return signedAt === undefined || item.state !== 'verified' ? item : {...item, signedAt}
  }
  return {...observed, attached: new Map([...observed.attached].map(([digest, items]) => [digest, items.map(timed)]))}
}

function wantsTime(item: Attached, policy: Policy, now: Date): item is Extract<Attached, {state: 'verified'}> {
  return item.state === 'verified' && item.signedAt === undefined && signerFault(item.signer, policy, {now})?.reason === 'signature.no-trusted-time'
}

/** By bundle. A log that cannot be read or trusted proves no time, and says so. */
async function sealedTimes(wanted: ReadonlySet<string>, context: Context): Promise<ReadonlyMap<string, string>> {
  try {
    const [store, keys, timestamps] = await Promise.all([context.store(), verifierKeys([], context), openTimestamps(context)])
    return await searchLog(wanted, {store, keys, timestamps})
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    context.progress.note(`no time is taken from the evidence log: ${error.message}`)
    return new Map()
  }
}

interface Trust {
  readonly store: EvidenceStore
  readonly keys: readonly VerifierKey[]
  readonly timestamps: Timestamps
}

async function searchLog(wanted: ReadonlySet<string>, trust: Trust): Promise<ReadonlyMap<string, string>> {
  const times = new Map<string, string>()
  const open = new Map<string, Leaf>()
  let state: LogState = START
  for await (const stored of readLog(trust.store)) {
    const next = foldSeal(state, stored, (leaf) => bundlesOf(leaf, wanted).forEach((bundle) => void (open.has(bundle) || open.set(bundle, leaf))))
    if (isFault(next)) throw new AppError(next.code, next.message)
    state = next
    const note = [...open.keys()].every((bundle) => times.has(bundle)) ? undefined : await signedNote(state, trust)
    if (note === undefined) continue
    const stamped = await stampedTime(state.n, note, trust)
    for (const [bundle, leaf] of open) {
      const time = times.has(bundle) ? undefined : ((await bucketTime(leaf, bundle, trust)) ?? stamped)
      if (time !== undefined) times.set(bundle, time)
    }
  }
  return times
}

function bundlesOf({stream, told}: Leaf, wanted: ReadonlySet<string>): readonly string[] {
  return SIGNING.has(stream) ? (told?.blobs ?? []).filter((blob) => wanted.has(blob)) : []
}

/** The checkpoint that says this of the log, signed by one of its keys. */
async function signedNote({n, root, tree, origin}: LogState, {store, keys}: Trust): Promise<string | undefined> {
  const bytes = await store.get(checkpointKey(n))
  if (bytes === undefined) return undefined
  const checkpoint = parseCheckpoint(bytes)
  const isSigned = checkpoint.origin === origin && checkpoint.size === tree.size && checkpoint.root === root && checkpointFault(checkpoint, keys) === undefined
  return isSigned ? checkpoint.note : undefined
}

async function stampedTime(n: number, note: string, {store, timestamps}: Trust): Promise<string | undefined> {
  const response = timestamps.pinned ? await store.get(timestampKey(n)) : undefined
  return response === undefined ? undefined : timestamps.timeOf(response, note)
}

/** When the version came that is sealed, as the bucket says today and the leaf repeats. @throws AppError `seal.false-leaf`, `record.*` */
async function bucketTime({key, version, sha256, last_modified: came}: Leaf, bundle: string, {store}: Trust): Promise<string | undefined> {
  if (version === undefined) return undefined
  const stored = await store.read(key, version)
  const isSealed = stored !== undefined && stored.version === version && sha256Hex(stored.bytes) === sha256 && stored.lastModified === came
  if (!isSealed || !openRecord(stored.bytes).data.blobs.some((blob) => blob.sha256 === bundle))
    throw new AppError('seal.false-leaf', `the log says of ${key} what the store does not`)
  return came
}
