/** What lies under `log/`: every seal and checkpoint with the version that was there first, and what is wrong with the list. */
import {parseCheckpointKey, parseSealKey, LOG} from '../../evidence/key.ts'
import type {EvidenceFinding} from '../../evidence/chain-link.ts'
import {byKey, firstVersion, versionFindings} from '../../ledger/version-findings.ts'
import type {EvidenceStore, StoredVersion} from '../../ports/evidence-store.ts'

/** Of one object: its key, and the version that was there first; none in a store without versions. */
export interface LogObject {
  readonly key: string
  readonly version?: string
  /** By the store's clock. */
  readonly came?: string
}

export interface ListedLog {
  /** By number, in order. */
  readonly seals: ReadonlyMap<number, LogObject>
  readonly checkpoints: ReadonlyMap<number, LogObject>
  readonly findings: readonly EvidenceFinding[]
  readonly versions: number
}

/** @throws AppError `store.*` */
export async function listLog(store: EvidenceStore): Promise<ListedLog> {
  const seals = new Map<number, LogObject>()
  const checkpoints = new Map<number, LogObject>()
  const findings: EvidenceFinding[] = []
  let versions = 0
  for await (const listed of byKey(store.versions(LOG))) {
    versions += listed.versions.length
    findings.push(...versionFindings(listed))
    const first = firstVersion(listed.versions)
    if (first === undefined) continue
    const own = {key: listed.key, came: first.lastModified, ...(first.version !== undefined && {version: first.version})}
    const [seal, checkpoint] = [parseSealKey(listed.key), parseCheckpointKey(listed.key)]
    if (seal !== undefined) seals.set(seal, own)
    if (checkpoint !== undefined) checkpoints.set(checkpoint, own)
  }
  return {seals, checkpoints, findings, versions}
}

/** As it was first written, whatever hides it now. */
export async function readFirst(store: EvidenceStore, {key, version}: LogObject): Promise<StoredVersion | undefined> {
  return store.read(key, version)
}
