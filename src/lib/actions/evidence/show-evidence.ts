/** One record whole, with the state of its bytes and of each blob; or the bytes of one blob. */
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import {blobKey, parseRecordKey, RECORDS} from '../../evidence/key.ts'
import {openRecord, sha256Hex} from '../../evidence/record.ts'
import type {BlobRecord, EvidenceRecord} from '../../evidence/schema.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'

export interface ShownBlob extends BlobRecord {
  readonly state: 'whole' | 'altered' | 'missing'
}

export interface ShowEvidenceResult {
  readonly key: string
  /** The digest in its name. */
  readonly sha256: string
  /** Whether its bytes match that digest. */
  readonly holds: boolean
  /** Absent where it cannot be read. */
  readonly record?: EvidenceRecord
  /** Why it cannot be read. */
  readonly fault?: string
  readonly blobs: readonly ShownBlob[]
  readonly exitCode: ExitCode
}

/**
 * @param id a ULID, or `urn:hipaa-ci:record:<ULID>`
 * @throws AppError `record.not-found`, `chain.fork`, `store.*`
 */
export async function showEvidence({id}: {readonly id: string}, context: Context): Promise<ShowEvidenceResult> {
  const store = await context.store()
  const {key, sha256} = await findKey(id, store)
  const bytes = await store.get(key)
  const holds = bytes !== undefined && sha256Hex(bytes) === sha256
  const opened = bytes === undefined ? {fault: 'it is no file'} : openOrFault(bytes)
  const blobs: ShownBlob[] = []
  for (const blob of 'record' in opened ? opened.record.data.blobs : []) {
    // oxlint-disable-next-line no-await-in-loop -- they may be large: one in memory at a time
    blobs.push({...blob, state: await stateOf(blob, store)})
  }
  const whole = holds && 'record' in opened && blobs.every(({state}) => state === 'whole')
  return {key, sha256, holds, ...opened, blobs, exitCode: whole ? EXIT.ok : EXIT.evidence}
}

/** The bytes of the blob that the record names so. @throws AppError `record.*`, `blob.*`, `usage.flag`, `store.*` */
export async function showBlob({id, blob: name}: {readonly id: string; readonly blob: string}, context: Context): Promise<Uint8Array> {
  const store = await context.store()
  const {key, sha256} = await findKey(id, store)
  const bytes = await store.get(key)
  if (bytes === undefined || sha256Hex(bytes) !== sha256) throw new AppError('record.altered', `the record ${key} does not match its digest`)
  const {blobs} = openRecord(bytes).data
  const blob = blobs.find((one) => one.name === name)
  if (blob === undefined)
    throw new AppError('usage.flag', `the record has no blob ${JSON.stringify(name)}`, {fix: `It has: ${blobs.map((one) => one.name).join(', ') || 'none'}.`})
  const content = await store.get(blobKey(blob.sha256))
  if (content === undefined) throw new AppError('blob.missing', `the blob ${name} of record ${id} is not in ${store.address}`)
  if (sha256Hex(content) !== blob.sha256) throw new AppError('blob.altered', `the blob ${name} of record ${id} does not match its digest`)
  return content
}

async function findKey(text: string, store: EvidenceStore): Promise<{key: string; sha256: string}> {
  const id = text.replace(/^urn:hipaa-ci:record:/, '').toUpperCase()
  const found: {key: string; sha256: string}[] = []
  for await (const key of store.list(RECORDS)) {
    const parts = parseRecordKey(key)
    if (parts?.id === id) found.push({key, sha256: parts.sha256})
  }
  const [first, second] = found
  if (first === undefined) throw new AppError('record.not-found', `there is no record ${JSON.stringify(text)} in ${store.address}`)
  if (second !== undefined) throw new AppError('chain.fork', `${found.length} records call themselves ${id}: ${found.map(({key}) => key).join(', ')}`)
  return first
}

function openOrFault(bytes: Uint8Array): {record: EvidenceRecord} | {fault: string} {
  try {
    return {record: openRecord(bytes)}
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return {fault: error.message}
  }
}

async function stateOf(blob: BlobRecord, store: EvidenceStore): Promise<ShownBlob['state']> {
  const bytes = await store.get(blobKey(blob.sha256))
  if (bytes === undefined) return 'missing'
  return sha256Hex(bytes) === blob.sha256 && bytes.length === blob.size ? 'whole' : 'altered'
}
