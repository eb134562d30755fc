/**
 * A proof that a record is in the log, for somebody who has nothing but the log's public key.
 *
 * One pass over the seals, and in memory what the tree is high. What is handed out was checked as its reader will check it.
 */
import {AppError, EXIT, isReasonCode, type ExitCode} from '../../errors.ts'
import {parseRecordKey, recordKey, RECORDS} from '../../evidence/key.ts'
import {sha256Hex} from '../../evidence/record.ts'
import {STREAMS} from '../../evidence/streams.ts'
import {judgeProof} from '../../ledger/judge-proof.ts'
import {leafBytes, type Leaf} from '../../ledger/leaf.ts'
import {encodeExtra} from '../../ledger/proof-extra.ts'
import {createProver} from '../../ledger/prover.ts'
import {formatProof} from '../../ledger/tlog-proof.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'
import {newestSigned, readSigned, type SignedHead} from './signed-log.ts'
import {verifierKeys} from './verifier-keys.ts'

export interface ProveRequest {
  /** A ULID, `urn:hipaa-ci:record:<ULID>`, or the digest of the record's stored bytes. */
  readonly id: string
  /** Whose checkpoints count; none: as configured. */
  readonly keys: readonly string[]
}

export interface ProveResult {
  readonly id: string
  readonly key: string
  readonly sha256: string
  /** From 0. */
  readonly index: number
  readonly log: {readonly origin: string; readonly size: number}
  /** The proof itself, as C2SP tlog-proof@v1 has it. */
  readonly proof: string
  readonly exitCode: ExitCode
}

interface Found {
  readonly leaf: Leaf
  readonly index: number
  readonly path: readonly string[]
}

type Needs = Pick<Context, 'config' | 'cwd' | 'files' | 'checkpointKey' | 'store' | 'progress'>
type Matches = (leaf: Pick<Leaf, 'key' | 'sha256'>) => boolean

/** @throws AppError `record.*`, `chain.fork`, `checkpoint.*`, `seal.*`, `log.truncated`, `proof.*`, `usage.flag`, `store.*` */
export async function proveRecord({id, keys: given}: ProveRequest, context: Needs): Promise<ProveResult> {
  const matches = matcher(id)
  const [store, keys] = await Promise.all([context.store(), verifierKeys(given, context)])
  const head = await newestSigned(store, keys)
  context.progress.step(`Reading the log in ${store.address}, ${head.checkpoint.size} records`)
  const {leaf, index, path} = await findLeaf(id, matches, head, store)

  const stored = await store.read(leaf.key, leaf.version)
  if (stored === undefined) throw new AppError('record.deleted', `${leaf.key} is sealed, and no longer in ${store.address}`)
  if (sha256Hex(stored.bytes) !== leaf.sha256) throw new AppError('record.altered', `${leaf.key} is not what was sealed`)
  const {checkpoint} = head
  const proof = formatProof({extra: encodeExtra({leaf: leafBytes(leaf), record: stored.bytes}), index, path, checkpoint: checkpoint.note})
  const verdict = judgeProof(Buffer.from(proof), keys)
  if (verdict.state === 'failed') {
    const {fault} = leaf
    throw isReasonCode(fault)
      ? new AppError(fault, `${leaf.key} was no sound record when it was sealed (${fault}), so there is nothing to prove`)
      : new AppError(verdict.reason, `no proof can be made of ${leaf.key}: ${verdict.why}`)
  }
  const {origin, size} = checkpoint
  return {id: verdict.record.id, key: leaf.key, sha256: leaf.sha256, index, log: {origin, size}, proof, exitCode: EXIT.ok}
}

/** The first leaf of the record: what came later under its key is another version. */
async function findLeaf(id: string, matches: Matches, head: SignedHead, store: EvidenceStore): Promise<Found> {
  const prover = createProver()
  const found: Found[] = []
  const unsigned: string[] = []
  await readSigned(store, head, {
    onLeaf(leaf, hash, index) {
      if (matches(leaf)) found.push({leaf, index, path: prover.followNext()})
      prover.append(hash)
    },
    onUnsigned(leaf) {
      if (matches(leaf)) unsigned.push(leaf.key)
    },
  })
  prover.finish()
  const [first] = found
  const keys = new Set(found.map(({leaf}) => leaf.key))
  if (keys.size > 1)
    throw new AppError('chain.fork', `${keys.size} records call themselves ${JSON.stringify(id)}: ${[...keys].join(', ')}`, {
      fix: 'Name the one that is meant by its digest.',
    })
  if (first !== undefined) return first
  if (unsigned.length > 0) throw new AppError('record.not-sealed', `${unsigned[0]} is in a seal that no checkpoint is signed for yet`)
  const key = await lyingThere(id, matches, store)
  if (key !== undefined) throw new AppError('record.not-sealed', `${key} is not sealed yet`)
  throw new AppError('record.not-found', `there is no record ${JSON.stringify(id)} in ${store.address}`)
}

async function lyingThere(id: string, matches: Matches, store: EvidenceStore): Promise<string | undefined> {
  const ulid = ulidOf(id)
  // The day is in the id: a folder of each stream is enough.
  const prefixes = ulid === undefined ? [RECORDS] : STREAMS.map((stream) => recordKey(stream, ulid, '').replace(/-\.json\.gz$/, ''))
  for (const prefix of prefixes) {
    for await (const key of store.list(prefix)) if (matches({key, sha256: parseRecordKey(key)?.sha256 ?? ''})) return key
  }
  return undefined
}

/** @throws AppError `usage.flag` */
function matcher(text: string): Matches {
  const digest = /^(?:sha256:)?([0-9a-f]{64})$/.exec(text)?.[1]
  if (digest !== undefined) return ({sha256}) => sha256 === digest
  const ulid = ulidOf(text)
  if (ulid === undefined)
    throw new AppError('usage.flag', `${JSON.stringify(text)} names no record`, {fix: 'Give its id, urn:hipaa-ci:record:<id>, or the digest of its bytes.'})
  return ({key}) => key.includes(`/${ulid}-`)
}

function ulidOf(text: string): string | undefined {
  return /^(?:urn:hipaa-ci:record:)?([0-7][0-9A-HJKMNP-TV-Z]{25})$/i.exec(text)?.[1]?.toUpperCase()
}
