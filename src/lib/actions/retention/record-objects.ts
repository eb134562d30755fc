/** What a hold is put on: all versions of a record, and of the blobs that any of them names. */
import {AppError} from '../../errors.ts'
import {blobKey, recordKey} from '../../evidence/key.ts'
import {Ulid} from '../../evidence/primitives.ts'
import {STREAMS} from '../../evidence/streams.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore, ObjectVersion} from '../../ports/evidence-store.ts'
import {blobsNamedBy} from './named-blobs.ts'

export interface RecordObjects {
  readonly record: string
  readonly versions: readonly ObjectVersion[]
  /** Digests. */
  readonly blobs: readonly string[]
}

/**
 * @param text a ULID, or `urn:hipaa-ci:record:<ULID>`
 * @throws AppError `usage.flag`, `record.not-found`, `store.*`
 */
export async function recordObjects(text: string, store: EvidenceStore, {progress}: Pick<Context, 'progress'>): Promise<RecordObjects> {
  const parsed = Ulid.safeParse(text.replace(/^urn:hipaa-ci:record:/, '').toUpperCase())
  if (!parsed.success)
    throw new AppError('usage.flag', `${JSON.stringify(text)} is not the id of a record`, {fix: 'hipaa-ci evidence ls shows the ids of records.'})
  const record = parsed.data
  const versions: ObjectVersion[] = []
  // Its day is in its id, its stream is not.
  for (const stream of STREAMS) versions.push(...(await objectsBelow(recordKey(stream, record, '').replace(/\.json\.gz$/, ''), store)))
  if (versions.length === 0) throw new AppError('record.not-found', `there is no record ${record} in ${store.address}`)
  const blobs = new Set<string>()
  for (const {key, version} of versions)
    try {
      // oxlint-disable-next-line no-await-in-loop -- seldom more than one
      for (const sha256 of await blobsNamedBy(key, version, store)) blobs.add(sha256)
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('record.')) throw error
      progress.note(`which blobs it names is not known: ${error.message}`)
    }
  return {record, versions, blobs: [...blobs]}
}

/** All versions of a blob. @throws AppError `store.*` */
export async function blobVersions(sha256: string, store: EvidenceStore): Promise<ObjectVersion[]> {
  return objectsBelow(blobKey(sha256), store)
}

async function objectsBelow(prefix: string, store: EvidenceStore): Promise<ObjectVersion[]> {
  const found: ObjectVersion[] = []
  for await (const version of store.versions(prefix)) if (version.kind === 'object') found.push(version)
  return found
}
