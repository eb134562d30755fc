/**
 * Appends to the log whatever is not in it yet, and signs where it ends: drives the sealer of `lib/ledger/sealer.ts`
 * against the store and the key.
 *
 * Any number may do it at once. What was found to be wrong on the way is sealed with its fault and told; what was sealed
 * before and is gone is told, and does not stop what is new from being sealed.
 */
import {AppError, EXIT, REASONS, worstExit, type ExitCode} from '../../errors.ts'
import type {EvidenceFinding} from '../../evidence/chain-link.ts'
import {leafOf} from '../../ledger/leaf-of.ts'
import type {Leaf} from '../../ledger/leaf.ts'
import {parseVerifierKey} from '../../ledger/note.ts'
import type {Candidate, Effect, PutOutcome, Reply} from '../../ledger/sealer-effects.ts'
import type {Sweep} from '../../ledger/sealer-candidates.ts'
import {seal, type Sealing} from '../../ledger/sealer.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore, ObjectVersion} from '../../ports/evidence-store.ts'
import {anchorCheckpoint, type Anchored} from './anchor-checkpoint.ts'
import {openSealingKey, type SealingKey} from './open-sealing-key.ts'

export interface SealEvidenceResult {
  readonly store: string
  readonly origin: string
  /** The newest seal, and the log up to it; 0 where nothing was ever sealed. */
  readonly seal: number
  readonly size: number
  /** Hex. */
  readonly root: string
  /** The signed note; undefined where nothing was ever sealed. */
  readonly checkpoint?: string
  /** Added by this call. */
  readonly added: {readonly seals: number; readonly records: number}
  /** How far back was searched. */
  readonly searched: Sweep
  /** Where the newest checkpoint was brought to, as far as `sealing` says: done or failed, the seal stands. */
  readonly anchors: readonly Anchored[]
  readonly findings: readonly EvidenceFinding[]
  readonly exitCode: ExitCode
}

/** Records that are read at a time. */
const AT_ONCE = 16

/** @throws AppError `sealing.missing`, `seal.*`, `log.*`, `checkpoint.*`, `store.*`, `key.*`, `key-service.*` */
export async function sealEvidence({all}: {readonly all: boolean}, context: Context): Promise<SealEvidenceResult> {
  const {sealing} = context.config
  if (sealing?.key === undefined) throw new AppError('sealing.missing', 'nothing says by which key the log over the evidence is signed')
  const key = await openSealingKey(context)
  const store = await context.store()
  context.progress.step(`Sealing the evidence in ${store.address}`)
  const steps = seal({
    origin: key.origin,
    key: key.verifier,
    keys: [key.verifier, ...(sealing.keys ?? []).map(parseVerifierKey)],
    now: context.now().toISOString(),
    sealer: `hipaa-ci/${context.version} ${context.newId()}`,
    all,
    ...(sealing.heartbeat !== undefined && {heartbeat: sealing.heartbeat}),
  })
  const {tail, seals, sweep, findings} = await drive(steps, store, key, context)
  const {state, note} = tail
  const anchored = note === undefined ? undefined : await anchorCheckpoint({n: state.n, note}, context)
  return {
    store: store.address,
    origin: key.origin,
    seal: state.n,
    size: state.tree.size,
    root: state.root,
    ...(note !== undefined && {checkpoint: note}),
    added: {seals: seals.length, records: seals.reduce((sum, {entries}) => sum + entries, 0)},
    searched: sweep,
    anchors: anchored?.anchors ?? [],
    findings,
    exitCode: worstExit([...findings.map(({code}) => REASONS[code].exit), anchored?.exitCode ?? EXIT.ok]),
  }
}

async function drive(steps: Generator<Effect, Sealing, Reply>, store: EvidenceStore, key: SealingKey, {progress}: Pick<Context, 'progress'>): Promise<Sealing> {
  let next = steps.next()
  while (next.done !== true) {
    if (next.value.ask === 'leaves') progress.step(`Reading what is not sealed: ${next.value.of.length}`)
    // oxlint-disable-next-line no-await-in-loop -- one step after another is what it is about
    next = steps.next(await answer(next.value, store, key))
  }
  return next.value
}

async function answer(effect: Effect, store: EvidenceStore, key: SealingKey): Promise<Reply> {
  switch (effect.ask) {
    case 'versions':
      return {ask: 'versions', versions: await collect(store.versions(effect.prefix, effect.after))}
    case 'leaves':
      return {ask: 'leaves', leaves: await readLeaves(effect.of, store)}
    case 'get':
      return {ask: 'get', bytes: await store.get(effect.key)}
    case 'put':
      return {ask: 'put', outcome: await put(effect.key, effect.bytes, store)}
    case 'sign':
      return {ask: 'sign', signature: await key.sign(Buffer.from(effect.text))}
  }
}

/** A failure says nothing of what the store has done: the sealer looks. What is refused was not done. */
async function put(key: string, bytes: Uint8Array, store: EvidenceStore): Promise<PutOutcome> {
  try {
    return await store.put(key, bytes)
  } catch (error) {
    if (error instanceof AppError && error.code === 'store.unreachable') return 'unknown'
    throw error
  }
}

/** Some at a time, and none kept: a leaf is small, a record need not be. */
async function readLeaves(wanted: readonly Candidate[], store: EvidenceStore): Promise<(Leaf | undefined)[]> {
  const leaves: (Leaf | undefined)[] = wanted.map(() => undefined)
  const queue = wanted.entries()
  const reader = async (): Promise<void> => {
    for (const [index, {key, version, second}] of queue) {
      // oxlint-disable-next-line no-await-in-loop -- so many at a time
      const found = await store.read(key, version)
      if (found !== undefined) leaves[index] = leafOf(key, found, second)
    }
  }
  await Promise.all(Array.from({length: AT_ONCE}, reader))
  return leaves
}

async function collect(versions: AsyncIterable<ObjectVersion>): Promise<ObjectVersion[]> {
  const found: ObjectVersion[] = []
  for await (const version of versions) found.push(version)
  return found
}
