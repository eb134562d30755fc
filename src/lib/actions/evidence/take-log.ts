/** The log into what a verification gathers: its seals and checkpoints, and every leaf. */
import type {EvidenceFinding} from '../../evidence/chain-link.ts'
import {checkpointKey} from '../../evidence/key.ts'
import {START, type LogState} from '../../ledger/fold.ts'
import type {VerifierKey} from '../../ledger/note.ts'
import {lockFinding} from '../../ledger/lock-findings.ts'
import {SKEW} from '../../ledger/time-findings.ts'
import type {StoredSeal} from '../../ledger/seal.ts'
import {inOrder} from '../in-order.ts'
import type {ListedLog} from '../ledger/list-log.ts'
import {holesBefore, walkLog} from '../ledger/walk-log.ts'
import {isRead, linkOf, takeSealedLeaf} from './take-leaf.ts'
import type {Verification} from './verification.ts'

/** Records on their way at the same time. */
const AT_ONCE = 16

export interface TakenLog {
  /** At its end. */
  readonly state: LogState
  /** Of the newest seal whose checkpoint is what it has to be. */
  readonly signed?: {readonly n: number; readonly size: number; readonly root: string}
  readonly seals: number
  /** Its root at the end of every seal, by size. */
  readonly roots: ReadonlyMap<number, string>
  /** Every seal was there and could be read. */
  readonly whole: boolean
}

export interface LogRequest {
  readonly listed: ListedLog
  readonly keys: readonly VerifierKey[]
  readonly now: Date
}

/** @throws AppError `store.*` */
export async function takeLog({listed, keys, now}: LogRequest, verification: Verification): Promise<TakenLog> {
  const {store, findings, full, versioned, since = START} = verification
  const roots = new Map([[since.tree.size, since.root]])
  let state = since
  // What the walk begins after was held to a checkpoint that was kept.
  let signed: TakenLog['signed'] = since.n === 0 ? undefined : headOf(since)
  let [seals, whole] = [0, true]
  findings.add(...listed.findings, ...holesBefore(since.n, listed))
  for await (const walked of walkLog(store, listed, since, keys)) {
    findings.add(...walked.findings)
    // A bucket that was asked for everything; else who verifies need not have the right to see locks.
    if (full && versioned) findings.add(...walked.read.map(({key, stored}) => lockFinding(key, stored.lock, stored.lastModified)))
    state = walked.state
    whole &&= walked.stored !== undefined
    if (walked.stored === undefined) continue
    seals += 1
    roots.set(state.tree.size, state.root)
    if (walked.signed === true) signed = headOf(state)
    if (walked.signed === undefined) findings.add(unsigned(state, now))
    await takeSeal(walked.stored, verification)
    verification.runs.settle()
  }
  return {state, seals, roots, whole, ...(signed !== undefined && {signed})}
}

/** Once more, for the runs that somebody came to after they had been closed. */
export async function rereadRuns(listed: ListedLog, verification: Verification): Promise<void> {
  const {store, runs, since = START} = verification
  if (runs.wanted.size === 0) return
  const again = new Set<string>()
  for await (const {stored} of walkLog(store, listed, since, [])) {
    for (const leaf of stored?.seal.entries ?? []) {
      const isWanted = leaf.told !== undefined && runs.wanted.has(leaf.told.runid) && leaf.fault !== 'record.second-version'
      if (again.has(leaf.key)) continue
      if (isWanted) again.add(leaf.key)
      const link = isWanted ? await linkOf(leaf, verification) : undefined
      if (link !== undefined) runs.reread(link)
    }
  }
}

async function takeSeal({seal: {n, entries}}: StoredSeal, verification: Verification): Promise<void> {
  const {store} = verification
  const leaves = inOrder(entries, AT_ONCE, async (leaf) => ({leaf, stored: isRead(leaf, verification) ? await store.read(leaf.key, leaf.version) : undefined}))
  for await (const {leaf, stored} of leaves) await takeSealedLeaf(leaf, n, stored, verification)
}

function headOf({n, tree, root}: LogState): NonNullable<TakenLog['signed']> {
  return {n, size: tree.size, root}
}

/** A sealer signs right after it has sealed; until then it may be at it. */
function unsigned({n, sealedAt = ''}: LogState, now: Date): EvidenceFinding | undefined {
  if (Math.abs(now.getTime() - Date.parse(sealedAt)) < SKEW) return undefined
  return {code: 'checkpoint.missing', key: checkpointKey(n), message: `seal ${n} has no checkpoint`}
}
