/** One leaf, of a seal or of a record that is not sealed yet, into what a verification gathers. */
import {AppError, isReasonCode} from '../../errors.ts'
import type {ChainLink, EvidenceFinding} from '../../evidence/chain-link.ts'
import {parseRecordKey} from '../../evidence/key.ts'
import {openRecord} from '../../evidence/record.ts'
import type {EvidenceRecord} from '../../evidence/schema.ts'
import {bytesFinding, falseLeaf, oddLeaf} from '../../ledger/false-leaf.ts'
import {leafLink} from '../../ledger/leaf-link.ts'
import type {Leaf} from '../../ledger/leaf.ts'
import {leafLock, lockFinding} from '../../ledger/lock-findings.ts'
import {contradiction, timeFinding} from '../../ledger/time-findings.ts'
import type {StoredVersion} from '../../ports/evidence-store.ts'
import {readsBytes, type Verification} from './verification.ts'

/** @param n the seal that it stands in @param stored read ahead, where bytes are read at all */
export async function takeSealedLeaf(leaf: Leaf, n: number, stored: StoredVersion | undefined, verification: Verification): Promise<void> {
  const {findings, leaves, full, unread} = verification
  const again = leaves.has(leaf.key)
  findings.add(leaves.add(leaf, n), oddLeaf(leaf, n))
  if (isRead(leaf, verification)) {
    if (stored === undefined) unread.add(leaf.key)
    else {
      const altered = bytesFinding(leaf, stored.bytes)
      findings.add(altered)
      if (altered === undefined && full) findings.add(falseLeaf(leaf, n, stored.bytes))
      if (altered === undefined && full) nameBlobs(leaf.key, stored.bytes, verification)
    }
  }
  await checkLock(leaf, stored, verification)
  // What came after the first is no record of its run, whatever it says, and no leaf stands for a record twice.
  if (!again && leaf.fault !== 'record.second-version') judgeTime(leaf, leaf.last_modified, true, verification)
  if (again) findings.add(faultOf(leaf, true))
  else await takeLeaf(leaf, true, verification)
}

/** A leaf that names no version says nothing that a list of versions could be held to. */
export function isRead({version}: Leaf, verification: Verification): boolean {
  return readsBytes(verification) || version === undefined
}

/** @param sealed its run can be read again from the log */
export async function takeLeaf(leaf: Leaf, sealed: boolean, verification: Verification): Promise<void> {
  const {key, fault, told, stream} = leaf
  const {findings, damaged, runs, blobBook} = verification
  findings.add(faultOf(leaf, sealed))
  if (told === undefined) damaged.set(parseRecordKey(key)?.sha256 ?? '', {key, stream})
  if (fault === 'record.second-version') return
  const link = await linkOf(leaf, verification)
  if (link !== undefined) runs.add(link, !sealed)
  for (const sha256 of told?.blobs ?? []) blobBook.name(sha256, key)
}

/** What is found of when it came. @param arrived by the store */
export function judgeTime(leaf: Leaf, arrived: string, sealed: boolean, {findings, late}: Verification): void {
  const dated = {key: leaf.key, time: leaf.told?.time, arrived}
  const finding = timeFinding(dated)
  if (finding?.code === 'record.back-dated' && contradiction(dated) === undefined) late.set(leaf.key, {finding, sealed})
  else findings.add(finding)
}

/** Sizes of blobs, which no leaf tells. */
export function nameBlobs(key: string, bytes: Uint8Array, {blobBook}: Verification): void {
  for (const {sha256, size} of opened(bytes)?.data.blobs ?? []) blobBook.name(sha256, key, size)
}

/** A run's manifest that does not fit into a leaf is read from the record. */
export async function linkOf(leaf: Leaf, {store}: Pick<Verification, 'store'>): Promise<ChainLink | undefined> {
  if (leaf.told?.run !== 'too-large') return leafLink(leaf)
  const stored = await store.read(leaf.key, leaf.version)
  const record = stored === undefined ? undefined : opened(stored.bytes)
  return leafLink(leaf, record?.stream === 'run' ? record.data.detail : undefined)
}

/** A weak lock may have been extended since; whatever a full verification reads is judged as it is now. */
async function checkLock(
  {key, version, lock, last_modified: came}: Leaf,
  stored: StoredVersion | undefined,
  {store, versioned, full, findings}: Verification,
): Promise<void> {
  if (version === undefined && !versioned) return
  const sealed = lockFinding(key, leafLock(lock), came)
  if (!versioned || (sealed === undefined && !full)) return findings.add(sealed)
  const now = stored ?? (await store.read(key, version))
  findings.add(now === undefined ? sealed : lockFinding(key, now.lock, came))
}

function opened(bytes: Uint8Array): EvidenceRecord | undefined {
  try {
    return openRecord(bytes)
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

const FAULTS: Readonly<Record<string, string>> = {
  'record.altered': 'its bytes do not match the digest in its name',
  'record.misplaced': 'it lies under a name that is not its own',
  'record.second-version': 'another version of it was there before',
}

function faultOf({key, fault}: Leaf, sealed: boolean): EvidenceFinding | undefined {
  if (fault === undefined) return undefined
  return {code: isReasonCode(fault) ? fault : 'record.invalid', key, message: faultText(fault, sealed)}
}

function faultText(fault: string, sealed: boolean): string {
  return `${FAULTS[fault] ?? 'it is no record of this schema'}${sealed ? ', as it was when it was sealed' : ''}`
}
