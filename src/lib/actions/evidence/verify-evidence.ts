/**
 * Everything in the store against its own names, its schema, its chains and its runs' ends.
 *
 * Rules: every object is looked at, also what is no evidence. What was changed,
 * added or forked ends with 5 whatever else was found; only what is missing with
 * 6; an empty store verifies nothing and is 6 too. What nobody ever sealed can
 * have lost its newest records without a trace: that is for seals to find.
 */
import {AppError, EXIT, REASONS, worstExit, type ExitCode} from '../../errors.ts'
import {checkChains} from '../../evidence/chain.ts'
import {linkOf, type ChainLink, type EvidenceFinding} from '../../evidence/chain-link.ts'
import {blobKey, parseBlobKey, parseRecordKey, recordKey, type RecordKeyParts} from '../../evidence/key.ts'
import {openRecord, sha256Hex} from '../../evidence/record.ts'
import type {BlobRecord} from '../../evidence/schema.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'

export interface VerifyEvidenceResult {
  readonly store: string
  readonly verdict: 'verified' | 'failed' | 'missing'
  readonly records: number
  readonly runs: number
  readonly blobs: number
  /** False where only their presence was checked. */
  readonly blobsRead: boolean
  readonly findings: readonly EvidenceFinding[]
  /** Blobs that no readable record names: the first hundred digests, and how many there are. No fault by itself. */
  readonly unnamedBlobs: {readonly count: number; readonly first: readonly string[]}
  readonly notes: readonly string[]
  /** What stays open also where everything is verified. */
  readonly does_not_prove: readonly string[]
  readonly exitCode: ExitCode
}

const DOES_NOT_PROVE = ['that no run was removed as a whole', 'that a run which was never ended still has its newest records'] as const
const NAMED = 100

interface Inventory {
  readonly links: ChainLink[]
  /** By digest; the size is unknown where blobs are not read. */
  readonly blobs: Map<string, {readonly size?: number}>
  readonly named: {readonly key: string; readonly blob: BlobRecord}[]
  readonly damaged: Map<string, {readonly key: string; readonly stream: string}>
  readonly findings: EvidenceFinding[]
}

/** @throws AppError `store.*` */
export async function verifyEvidence({blobs: readBlobs}: {readonly blobs: boolean}, context: Context): Promise<VerifyEvidenceResult> {
  const store = await context.store()
  context.progress.step(`Verifying the evidence in ${store.address}`)
  const found: Inventory = {links: [], blobs: new Map(), named: [], damaged: new Map(), findings: []}
  for await (const key of store.list('')) {
    const record = parseRecordKey(key)
    const blob = parseBlobKey(key)
    if (record !== undefined) await takeRecord(key, record, store, found)
    else if (blob !== undefined) await takeBlob(key, blob, readBlobs ? store : undefined, found)
    else found.findings.push({code: 'record.unknown-object', key, message: 'this is not evidence'})
  }
  const findings = [...found.findings, ...(await checkBlobs(found, store)), ...checkChains(found.links, found.damaged)]
  const records = found.links.length + found.damaged.size
  if (records === 0) findings.push({code: 'record.not-found', key: store.address, message: 'there is no record in the store'})
  const unnamedBlobs = unnamed(found)
  const exitCode = worstExit(findings.map(({code}) => REASONS[code].exit))
  return {
    store: store.address,
    verdict: exitCode === EXIT.ok ? 'verified' : exitCode === EXIT.missing ? 'missing' : 'failed',
    records,
    runs: new Set(found.links.map(({runid}) => runid)).size,
    blobs: found.blobs.size,
    blobsRead: readBlobs,
    findings,
    unnamedBlobs,
    notes: unnamedBlobs.count === 0 ? [] : [noteOn(unnamedBlobs.count)],
    does_not_prove: DOES_NOT_PROVE,
    exitCode,
  }
}

function unnamed({blobs, named}: Inventory): VerifyEvidenceResult['unnamedBlobs'] {
  const names = new Set(named.map(({blob}) => blob.sha256))
  const rest = [...blobs.keys()].filter((sha256) => !names.has(sha256))
  return {count: rest.length, first: rest.slice(0, NAMED)}
}

/** A blob is written before its record, so this alone is no sign of tampering; nor is it the opposite. */
function noteOn(count: number): string {
  const [which, it] = count === 1 ? ['1 blob is', 'it'] : [`${count} blobs are`, 'one']
  return `${which} named by no readable record: a writer that was killed before its record can leave ${it}, or a record that named ${it} is gone`
}

async function takeRecord(key: string, {stream, sha256}: RecordKeyParts, store: EvidenceStore, found: Inventory): Promise<void> {
  const bytes = await store.get(key)
  if (bytes === undefined) {
    found.findings.push({code: 'record.unknown-object', key, message: 'this has the name of a record, and is no file'})
    return
  }
  if (sha256Hex(bytes) !== sha256) {
    found.damaged.set(sha256, {key, stream})
    found.findings.push({code: 'record.altered', key, message: 'its bytes do not match the digest in its name'})
    return
  }
  try {
    const record = openRecord(bytes)
    found.links.push(linkOf(record, key, sha256))
    found.named.push(...record.data.blobs.map((blob) => ({key, blob})))
    const own = recordKey(record.stream, record.id, sha256)
    if (own !== key) found.findings.push({code: 'record.misplaced', key, message: `its own name is ${own}`})
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    found.damaged.set(sha256, {key, stream})
    found.findings.push({code: error.code, key, message: error.message})
  }
}

/** @param store undefined where blobs are not to be read */
async function takeBlob(key: string, sha256: string, store: EvidenceStore | undefined, found: Inventory): Promise<void> {
  if (store === undefined) {
    found.blobs.set(sha256, {})
    return
  }
  const bytes = await store.get(key)
  if (bytes === undefined) found.findings.push({code: 'record.unknown-object', key, message: 'this has the name of a blob, and is no file'})
  else {
    found.blobs.set(sha256, {size: bytes.length})
    if (sha256Hex(bytes) !== sha256) found.findings.push({code: 'blob.altered', key, message: 'its bytes do not match the digest in its name'})
  }
}

/** A blob that a record names, and that was not there when blobs were listed, may have come since. */
async function checkBlobs({named, blobs}: Inventory, store: EvidenceStore): Promise<EvidenceFinding[]> {
  const findings: EvidenceFinding[] = []
  for (const {key, blob} of named) {
    // oxlint-disable-next-line no-await-in-loop -- rarely, and one in memory at a time
    const size = blobs.has(blob.sha256) ? blobs.get(blob.sha256)?.size : (await store.get(blobKey(blob.sha256)))?.length
    if (size === undefined && !blobs.has(blob.sha256))
      findings.push({code: 'blob.missing', key, message: `its blob ${blob.name} (${blob.sha256}) is not in the store`})
    else if (size !== undefined && size !== blob.size)
      findings.push({code: 'blob.altered', key, message: `its blob ${blob.name} has ${size} bytes, and the record says ${blob.size}`})
  }
  return findings
}
