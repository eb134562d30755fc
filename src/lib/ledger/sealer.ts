/**
 * The sealer: what is not sealed goes to the end of the log, by one conditional put of the next seal. Pure; `Effect` says
 * what it needs, and whoever drives it answers.
 *
 * Rules: whoever creates the next number has made the append, all others begin again. Only what is committed is signed.
 * It has no memory: killed at any step, the next sealer goes on from what lies in the store.
 */
import {AppError, type ReasonCode} from '../errors.ts'
import type {EvidenceFinding} from '../evidence/chain-link.ts'
import type {LogState} from './fold.ts'
import {leafBytes, type Leaf} from './leaf.ts'
import {MAX_ENTRIES, MAX_ENTRY_BYTES} from './seal.ts'
import {commit, follow, sealOf, type Committer} from './sealer-commit.ts'
import {findUnsealed, sweepDue, type Sweep} from './sealer-candidates.ts'
import {askLeaves, type Candidate, type Steps} from './sealer-effects.ts'
import {identityOf} from './sealer-sealed.ts'
import {signHead, type Signer} from './sealer-sign.ts'
import {readTail, type Tail} from './sealer-tail.ts'

export interface SealRequest extends Signer, Committer {
  /** Search everything, whatever is due. */
  readonly all: boolean
  /** Milliseconds after which a seal is owed, also where nothing is new. */
  readonly heartbeat?: number
  /** Entries a seal; default `MAX_ENTRIES`. */
  readonly entries?: number
}

export interface Sealing {
  /** Where the log ends now, and its checkpoint; `fresh` where it was signed here. */
  readonly tail: Tail
  /** What was appended here, in order. */
  readonly seals: readonly {readonly n: number; readonly entries: number}[]
  readonly sweep: Sweep
  readonly findings: readonly EvidenceFinding[]
  /** Others were first so often. */
  readonly lost: number
}

/** What this sealer has done, over all its beginnings. */
interface Done {
  readonly seals: {readonly n: number; readonly entries: number}[]
  readonly faults: EvidenceFinding[]
  fresh: boolean
  /** Versions do not change: what was read for a seal that another sealer had first is not read again. */
  readonly read: Map<string, Leaf>
}

/** Others may go first so often; whatever they sealed is sealed. */
const MAX_LOST = 200
const FAULTS: readonly (readonly [ReasonCode, string])[] = [
  ['record.altered', 'its bytes do not match the digest in its name'],
  ['record.invalid', 'it is no record of the schema'],
  ['record.misplaced', 'it lies under a name that is not its own'],
  ['record.second-version', 'another version of it was there before'],
]

/** @throws AppError `seal.*`, `log.*`, `checkpoint.*` where the log cannot be gone on with; `store.*` */
export function* seal(request: SealRequest): Steps<Sealing> {
  const done: Done = {seals: [], faults: [], fresh: false, read: new Map()}
  for (let lost = 0; lost < MAX_LOST; lost += 1) {
    const tail: Tail = yield* readTail(request)
    done.fresh ||= tail.fresh
    const sweep = request.all ? 'all' : sweepDue(tail.state, request.now)
    const {candidates, findings} = yield* findUnsealed(tail.state, sweep, request.now)
    const unread: EvidenceFinding[] = []
    const end = yield* appendAll(tail, candidates, {request, sweep, done, unread})
    if (end !== undefined) return {tail: {...end, fresh: done.fresh}, seals: done.seals, sweep, findings: [...findings, ...unread, ...done.faults], lost}
  }
  throw new AppError('store.conflict', `other sealers were first ${MAX_LOST} times`)
}

interface Appending {
  readonly request: SealRequest
  readonly sweep: Sweep
  readonly done: Done
  readonly unread: EvidenceFinding[]
}

/** Undefined where another sealer was first. */
function* appendAll(begin: Tail, candidates: readonly Candidate[], {request, sweep, done, unread}: Appending): Steps<Tail | undefined> {
  let tail = begin
  let rest = candidates
  let beat = candidates.length === 0 && done.seals.length === 0 && owesBeat(begin.state, request)
  while (rest.length > 0 || beat) {
    const batch: Batch = yield* takeEntries(rest.slice(0, request.entries ?? MAX_ENTRIES), done.read)
    rest = rest.slice(batch.taken)
    unread.push(...batch.unread)
    if (batch.entries.length === 0 && !beat) continue
    beat = false
    const stored = sealOf(tail.state, batch.entries, request, rest.length > 0 ? undefined : sweep)
    if (!(yield* commit(stored))) return undefined
    const state = follow(tail.state, stored)
    done.seals.push({n: state.n, entries: batch.entries.length})
    done.faults.push(...batch.entries.flatMap((leaf) => faultOf(leaf) ?? []))
    for (const leaf of batch.entries) done.read.delete(identityOf(leaf))
    tail = {state, note: yield* signHead(state, request), fresh: true}
    done.fresh = true
  }
  return tail
}

interface Batch {
  readonly entries: Leaf[]
  readonly taken: number
  readonly unread: EvidenceFinding[]
}

/** As many as fit into one seal. */
function* takeEntries(wanted: readonly Candidate[], read: Map<string, Leaf>): Steps<Batch> {
  const missing = wanted.filter((candidate) => !read.has(identityOf(candidate)))
  const leaves = missing.length === 0 ? [] : yield* askLeaves(missing)
  for (const leaf of leaves) if (leaf !== undefined) read.set(identityOf(leaf), leaf)
  const entries: Leaf[] = []
  const unread: EvidenceFinding[] = []
  let bytes = 0
  let taken = 0
  for (const candidate of wanted) {
    const leaf = read.get(identityOf(candidate))
    bytes += leaf === undefined ? 0 : leafBytes(leaf).length
    if (bytes > MAX_ENTRY_BYTES && entries.length > 0) break
    taken += 1
    if (leaf === undefined) unread.push({code: 'record.unknown-object', key: candidate.key, message: 'this has the name of a record, and cannot be read'})
    else entries.push(leaf)
  }
  return {entries, taken, unread}
}

/** A clock that was ahead must not put it off. */
function owesBeat({sealedAt}: LogState, {heartbeat, now}: SealRequest): boolean {
  return heartbeat !== undefined && (sealedAt === undefined || Math.abs(Date.parse(now) - Date.parse(sealedAt)) >= heartbeat)
}

function faultOf({key, fault}: Leaf): EvidenceFinding | undefined {
  const known = FAULTS.find(([code]) => code === fault)
  return known === undefined ? undefined : {code: known[0], key, message: known[1]}
}
