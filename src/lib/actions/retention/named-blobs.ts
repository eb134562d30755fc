/**
 * Which blobs a version of a record names: by its leaf where it is sealed, else by the record.
 *
 * Leaves are taken at their word here: whether the log is whole is for `evidence verify` to say.
 */
import {AppError} from '../../errors.ts'
import {openRecord, sha256Hex} from '../../evidence/record.ts'
import type {Leaf} from '../../ledger/leaf.ts'
import type {EvidenceStore, ObjectVersion} from '../../ports/evidence-store.ts'
import {readLog} from '../ledger/read-log.ts'

export interface NamedBlobs {
  /** Digests. @throws AppError `record.*`, `store.*` */
  of(version: ObjectVersion): Promise<readonly string[]>
  /** Why the log could not be used, where it could not: then records are read. */
  readonly fault?: AppError
}

/** @throws AppError `store.*` */
export async function namedBlobs(store: EvidenceStore): Promise<NamedBlobs> {
  const sealed = new Map<string, readonly string[]>()
  // The same digests again and again: kept once.
  const digests = new Map<string, string>()
  const keep = (digest: string) => digests.get(digest) ?? (digests.set(digest, digest), digest)
  const take = ({key, version, told, fault}: Leaf) => {
    if (told !== undefined && fault === undefined) sealed.set(nameOf(key, version), told.blobs.map(keep))
  }
  const fault = await readAll(store, take)
  return {
    async of({key, version}) {
      return sealed.get(nameOf(key, version)) ?? blobsNamedBy(key, version, store)
    },
    ...(fault !== undefined && {fault}),
  }
}

async function readAll(store: EvidenceStore, take: (leaf: Leaf) => void): Promise<AppError | undefined> {
  try {
    for await (const {seal} of readLog(store)) for (const leaf of seal.entries) take(leaf)
    return undefined
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('seal.')) return error
    throw error
  }
}

/** Digests, as the record itself names them. @throws AppError `record.*`, `store.*` */
export async function blobsNamedBy(key: string, version: string | undefined, store: EvidenceStore): Promise<string[]> {
  const stored = await store.read(key, version)
  if (stored === undefined) return []
  if (!key.endsWith(`-${sha256Hex(stored.bytes)}.json.gz`)) throw new AppError('record.altered', `the record ${key} does not match its digest`)
  return openRecord(stored.bytes).data.blobs.map(({sha256}) => sha256)
}

function nameOf(key: string, version = ''): string {
  return `${key} ${version}`
}
