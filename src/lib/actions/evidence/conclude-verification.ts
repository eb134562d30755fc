/** What can only be said once everything was seen: blobs, runs, what came late, how far the log is behind. */
import type {ChainLink, EvidenceFinding} from '../../evidence/chain-link.ts'
import {blobKey} from '../../evidence/key.ts'
import {lagFindings} from '../../ledger/lag-findings.ts'
import {keptFinding, type KeptHead} from '../../ledger/head-findings.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceStore} from '../../ports/evidence-store.ts'
import {accountForLate} from './account-for-late.ts'
import type {Begun} from './begin-verification.ts'
import {rereadRuns, type TakenLog} from './take-log.ts'
import type {TakenObjects} from './take-objects.ts'
import type {Verification} from './verification.ts'

/** A copy into a folder keeps no versions, and files get times of their own. */
export function isCopy({times}: TakenObjects, {versioned, leaves}: Verification): boolean {
  return !versioned && (leaves.versioned || times.other > times.same)
}

/** @throws AppError `store.*` */
export async function concludeVerification(
  {verification, listed}: Begun,
  log: TakenLog,
  objects: TakenObjects,
  {config, now}: Pick<Context, 'config' | 'now'>,
): Promise<void> {
  const {store, findings, blobBook, runs, since, late, sealed} = verification
  const copy = isCopy(objects, verification)
  for (const [sha256, key] of blobBook.missing()) {
    // What was not there when blobs were listed may have come since.
    if (!(await isThere(store, blobKey(sha256)))) findings.add({code: 'blob.missing', key, message: `its blob ${sha256} is not in the store`})
  }
  findings.add(...blobBook.sizes())
  await rereadRuns(listed, verification)
  findings.add(...runs.findings(since === undefined ? undefined : isWhole))
  // In a copy files have times of their own: only what leaves say counts.
  const own = [...late].flatMap(([key, {finding, sealed: isSealed}]) => (copy && !isSealed ? [] : [[key, finding] as const]))
  findings.add(...(await accountForLate(new Map(own), store)))
  const {sealing} = config
  const {state} = log
  const newest = state.sealedAt === undefined ? undefined : {n: state.n, sealedAt: state.sealedAt}
  // Where a seal cannot be read nobody knows what it has sealed; in a copy nobody knows when something came.
  const tail = log.whole && !copy && objects.oldest !== undefined ? {oldest: objects.oldest} : {}
  const owed = sealing?.heartbeat === undefined ? {} : {heartbeat: sealing.heartbeat}
  const lag = sealing === undefined ? {} : {maxLag: sealing['max-lag']}
  if (sealed) findings.add(...lagFindings({now: now().getTime(), unsealed: objects.unsealed, newest, ...tail, ...owed, ...lag}))
  if (objects.records === 0) findings.add({code: 'record.not-found', key: store.address, message: 'there is no record in the store'})
}

/** What was kept outside against the log. The walk begins with the oldest of it. */
export function outsideFindings(heads: readonly KeptHead[], {state, roots}: TakenLog): EvidenceFinding[] {
  return heads.flatMap((head) => keptFinding(head, state.tree.size, (size) => roots.get(size)) ?? [])
}

/** What was kept outside, where nothing speaks against it. */
export function continued(heads: readonly KeptHead[], {state, roots}: TakenLog): KeptHead[] {
  return heads.filter((head) => keptFinding(head, state.tree.size, (size) => roots.get(size)) === undefined)
}

async function isThere(store: EvidenceStore, key: string): Promise<boolean> {
  for await (const version of store.versions(key)) if (version.key === key && version.kind === 'object') return true
  return false
}

/** Whether a run's records from its first on are among those that were walked. */
function isWhole(links: readonly ChainLink[]): boolean {
  const starts = links.some(({run}) => run?.phase === 'start')
  return starts || [...Map.groupBy(links, ({job}) => job).values()].every((job) => job.some(({seq, prevsha256}) => seq === 1 && prevsha256 === undefined))
}
