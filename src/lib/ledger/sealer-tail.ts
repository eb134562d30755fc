/**
 * Where the log ends, and whether it may be gone on with. Pure.
 *
 * Rules: seals are numbered without a hole, so their end is found by halving; what then lies beyond it shows a hole. The
 * newest seal must follow from the one before it. A crash leaves one seal without a checkpoint, never two: whatever else
 * is missing, hidden, doubled or signed by somebody else is refused, and nothing is signed.
 */
import {AppError} from '../errors.ts'
import {CHECKPOINTS, checkpointKey, parseCheckpointKey, parseSealKey, sealKey, SEALS} from '../evidence/key.ts'
import type {ObjectVersion} from '../ports/evidence-store.ts'
import {foldSeal, isFault, START, stateAfter, type LogState} from './fold.ts'
import {decodeSeal, type StoredSeal} from './seal.ts'
import {leafBytes, type Leaf} from './leaf.ts'
import {askGet, askLeaves, askVersions, type Steps} from './sealer-effects.ts'
import {readHead, signHead, type Signer} from './sealer-sign.ts'

/** The log up to its newest seal, and the checkpoint there; none before the first. */
export interface Tail {
  readonly state: LogState
  readonly note?: string
  /** It was signed just now. */
  readonly fresh: boolean
}

/**
 * The newest seal, signed: now, where a crash left it without a checkpoint.
 * @throws AppError `seal.*`, `log.*`, `checkpoint.*` where the log is not what a sealer leaves
 */
export function* readTail(signer: Signer): Steps<Tail> {
  const n = yield* newestSeal()
  if (n === 0) return {state: START, fresh: false}
  const stored = yield* readSeal(n)
  const before = n === 1 ? START : stateAfter(yield* readSeal(n - 1))
  const state = foldSeal(before, stored)
  if (isFault(state)) throw new AppError(state.code, state.message)
  if (state.origin !== signer.origin)
    throw new AppError('seal.broken', `the log in the store is ${state.origin}, and sealing.origin says ${signer.origin}`, {
      fix: 'Set `sealing.origin` to the name of the log, or seal into another store.',
    })
  const note = yield* readHead(state, signer)
  if (note !== undefined) return {state, note, fresh: false}
  if (n > 1 && (yield* readHead(before, signer)) === undefined)
    throw new AppError('checkpoint.removed', `neither ${checkpointKey(n)} nor ${checkpointKey(n - 1)} is there: a sealer leaves at most one seal without`)
  yield* refuseFalse(stored)
  return {state, note: yield* signHead(state, signer), fresh: true}
}

/** Whoever may write a seal need not have the key: what is signed for them is held to the records. @throws AppError `seal.false-leaf` */
function* refuseFalse({seal: {n, entries}}: StoredSeal): Steps<void> {
  const found = yield* askLeaves(
    entries.map(({key, version, fault}) => ({key, ...(version !== undefined && {version}), second: fault === 'record.second-version'})),
  )
  const odd = entries.find((leaf, index) => isFalse(leaf, found[index]))
  if (odd !== undefined) throw new AppError('seal.false-leaf', `${sealKey(n)}, which is not signed, says of ${odd.key} what it does not say`)
}

/** What is gone or was changed since does not stop the log; a lock may change, and in a folder a time. */
function isFalse(leaf: Leaf, found: Leaf | undefined): boolean {
  // A fault is told by every reader of the log; another version of this program may find none.
  if (found === undefined || leaf.fault !== undefined || (leaf.version === undefined && found.sha256 !== leaf.sha256)) return false
  const {lock: _, ...right} = leaf.version === undefined ? {...found, last_modified: leaf.last_modified} : found
  const {lock: __, ...said} = leaf
  return Buffer.compare(leafBytes(right), leafBytes(said)) !== 0
}

/** @throws AppError `seal.missing`, `seal.unreadable`, `seal.broken` */
export function* readSeal(n: number): Steps<StoredSeal> {
  const key = sealKey(n)
  const bytes = yield* askGet(key)
  if (bytes === undefined) throw new AppError('seal.missing', `${key} is not there`)
  const stored = decodeSeal(bytes, key)
  if (stored.seal.n !== n) throw new AppError('seal.broken', `${key} calls itself seal ${stored.seal.n}`)
  return stored
}

function* newestSeal(): Steps<number> {
  for (;;) {
    const row = yield* lastOfRow()
    const checkpoints = yield* askVersions(CHECKPOINTS, row.last === 0 ? undefined : checkpointKey(row.last))
    const beyond = row.beyond ?? checkpoints.find(({key}) => (parseCheckpointKey(key) ?? 0) > row.last)?.key
    if (beyond === undefined) return row.last
    // A list is no snapshot: another sealer may have come since. Else the seal in between was taken away.
    const next = row.last + 1
    if (!(yield* stands(next)))
      throw new AppError(row.beyond === undefined ? 'log.truncated' : 'seal.missing', `${sealKey(next)} is not there, and ${beyond} is`)
  }
}

/** The last seal that all before it are there of, and one that lies beyond a hole. */
function* lastOfRow(): Steps<{readonly last: number; readonly beyond?: string}> {
  let last = 0
  let none = 1
  while (yield* stands(none)) [last, none] = [none, none * 2]
  while (none - last > 1) {
    const middle = Math.floor((last + none) / 2)
    if (yield* stands(middle)) last = middle
    else none = middle
  }
  const beyond = yield* askVersions(SEALS, last === 0 ? undefined : sealKey(last))
  for (const [key, versions] of Map.groupBy(beyond, (version) => version.key)) {
    const n = parseSealKey(key)
    if (n === undefined) continue
    if (n !== last + 1) return {last, beyond: key}
    onlyOne(key, versions)
    last = n
  }
  return {last}
}

/** Whether there is a seal `n`. */
function* stands(n: number): Steps<boolean> {
  const key = sealKey(n)
  const versions = (yield* askVersions(key)).filter((version) => version.key === key)
  if (versions.length > 0) onlyOne(key, versions)
  return versions.length > 0
}

function onlyOne(key: string, versions: readonly ObjectVersion[]): void {
  if (versions.some(({kind}) => kind === 'delete-marker')) throw new AppError('log.hidden', `a delete marker lies on ${key}`)
  if (versions.length > 1) throw new AppError('log.second-version', `${key} has ${versions.length} versions`)
}
