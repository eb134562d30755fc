/**
 * When a signature was certainly there, by the log over the evidence: the seal of the record that names its bundle.
 *
 * Asked only where a verdict hangs on it: a key that is retired, and no timestamp. The log counts up to its newest
 * checkpoint that a key of `sealing` signed, and is folded from its beginning; whatever is wrong with it, there is no
 * trusted time. Under a platform's policy it never counts: the project names the log, and could name one of its own.
 */
import {AppError} from '../../errors.ts'
import {checkpointKey} from '../../evidence/key.ts'
import type {Stream} from '../../evidence/streams.ts'
import {checkpointFault, parseCheckpoint} from '../../ledger/checkpoint.ts'
import {foldSeal, isFault, START, type LogState} from '../../ledger/fold.ts'
import type {Leaf} from '../../ledger/leaf.ts'
import type {VerifierKey} from '../../ledger/note.ts'
import {signerFault} from '../../policy/key-window.ts'
import type {Attached, Observation, Policy} from '../../policy/model.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'
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
    const keys = await verifierKeys([], context)
    return await searchLog(await context.store(), wanted, keys)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    context.progress.note(`no time is taken from the evidence log: ${error.message}`)
    return new Map()
  }
}

async function searchLog(store: EvidenceStore, wanted: ReadonlySet<string>, keys: readonly VerifierKey[]): Promise<ReadonlyMap<string, string>> {
  const signed = new Map<string, string>()
  const unsigned = new Map<string, string>()
  let state: LogState = START
  for await (const stored of readLog(store)) {
    const found = new Set<string>()
    const next = foldSeal(state, stored, (leaf) => bundlesOf(leaf, wanted).forEach((bundle) => found.add(bundle)))
    if (isFault(next)) throw new AppError(next.code, next.message)
    for (const bundle of found) if (!signed.has(bundle) && !unsigned.has(bundle)) unsigned.set(bundle, stored.seal.sealed_at)
    state = next
    if (unsigned.size === 0 || !(await isSigned(state, store, keys))) continue
    for (const [bundle, time] of unsigned) signed.set(bundle, time)
    unsigned.clear()
  }
  return signed
}

function bundlesOf({stream, told}: Leaf, wanted: ReadonlySet<string>): readonly string[] {
  return SIGNING.has(stream) ? (told?.blobs ?? []).filter((blob) => wanted.has(blob)) : []
}

/** Does a checkpoint say this of the log, signed by one of its keys? */
async function isSigned({n, root, tree, origin}: LogState, store: EvidenceStore, keys: readonly VerifierKey[]): Promise<boolean> {
  const note = await store.get(checkpointKey(n))
  if (note === undefined) return false
  const checkpoint = parseCheckpoint(note)
  return checkpoint.origin === origin && checkpoint.size === tree.size && checkpoint.root === root && checkpointFault(checkpoint, keys) === undefined
}
