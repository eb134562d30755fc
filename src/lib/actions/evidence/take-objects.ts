/**
 * Everything that the store lists, against what is sealed.
 *
 * Rules: every object is looked at, also what is no evidence. A record that no seal has is read, and judged as a seal
 * would; from where a checkpoint was kept on, what came before its seal counts as sealed, as many a day as it counts.
 */
import {AppError} from '../../errors.ts'
import {LOG, parseBlobKey, recordKey} from '../../evidence/key.ts'
import {openRecord, sha256Hex} from '../../evidence/record.ts'
import {deletedFinding, listedFinding, secondOf, type SealedVersion} from '../../ledger/leaf-book.ts'
import {leafOf} from '../../ledger/leaf-of.ts'
import {lockFinding} from '../../ledger/lock-findings.ts'
import {byKey, firstVersion, kindOf, versionFindings, type Listed} from '../../ledger/version-findings.ts'
import type {ObjectVersion} from '../../ports/evidence-store.ts'
import type {ListedLog} from '../ledger/list-log.ts'
import {createEarlierDays, unsealedOf, type EarlierDays} from './earlier-days.ts'
import {judgeTime, nameBlobs, takeLeaf} from './take-leaf.ts'
import type {Verification} from './verification.ts'

export interface TakenObjects {
  /** Keys of records. */
  readonly records: number
  readonly versions: number
  /** Records that no seal has. */
  readonly unsealed: number
  /** The one of them that has been there the longest. */
  readonly oldest?: {readonly key: string; readonly since: number}
  /** Of sealed files: those with the time that was sealed, and others. */
  readonly times: {readonly same: number; readonly other: number}
}

interface Tally {
  records: number
  versions: number
  unsealed: number
  oldest?: {key: string; since: number}
  readonly days: EarlierDays
  readonly times: {same: number; other: number}
}

/** A record is some kilobytes; what is larger is none, and is not read. */
const MAX_RECORD = 16 * 1024 * 1024

/** @throws AppError `store.*` */
export async function takeObjects(listed: ListedLog, verification: Verification): Promise<TakenObjects> {
  const days = createEarlierDays(verification.since)
  const tally: Tally = {records: 0, versions: 0, unsealed: 0, days, times: {same: 0, other: 0}}
  for await (const one of byKey(verification.store.versions(''))) {
    tally.versions += one.versions.length
    // Looked at before, and by now some of it may be newer.
    if (one.key.startsWith(LOG)) continue
    verification.findings.add(...versionFindings(one))
    const kind = kindOf(one.key)
    if (kind === 'record') await takeRecord(one, tally, verification)
    if (kind === 'blob') await takeBlob(one, verification)
  }
  for (const one of await unsealedOf(days, listed, verification)) await takeUnsealed(one, tally, verification)
  verification.findings.add(...days.findings())
  for (const [key, sealed] of verification.leaves.rest()) for (const one of sealed) verification.findings.add(deletedFinding(key, one))
  return tally
}

async function takeRecord({key, versions}: Listed, tally: Tally, verification: Verification): Promise<void> {
  const {leaves, findings, versioned, unread, writers} = verification
  const first = firstVersion(versions)
  if (first !== undefined) tally.records += 1
  for (const {kind, version} of versions) if (kind === 'object') findings.add(writers?.finding(key, version))
  const sealed = leaves.take(key)
  if (sealed !== undefined) {
    for (const one of sealed) findings.add(unread.has(key) && first !== undefined ? noFile(key) : listedFinding(key, one, versions, versioned))
    if (first !== undefined) compareTime(first, sealed, tally)
  } else if (first !== undefined && wasEarlier(first, verification)) tally.days.add(first)
  else if (first !== undefined) await takeUnsealed(first, tally, verification)
}

function compareTime({lastModified}: ObjectVersion, [sealed]: readonly SealedVersion[], {times}: Tally): void {
  if (sealed?.came === secondOf(lastModified)) times.same += 1
  else times.other += 1
}

/** Whether it lay there when the kept checkpoint was made, as the store tells. */
function wasEarlier({lastModified}: ObjectVersion, {sinceCame}: Verification): boolean {
  return sinceCame !== undefined && lastModified <= sinceCame
}

async function takeUnsealed(first: ObjectVersion, tally: Tally, verification: Verification): Promise<void> {
  const {key, version, size, lastModified} = first
  const {store, findings, sealed, versioned} = verification
  tally.unsealed += 1
  const since = Date.parse(lastModified)
  if (tally.oldest === undefined || since < tally.oldest.since) tally.oldest = {key, since}
  if (size > MAX_RECORD) return findings.add({code: 'record.unknown-object', key, message: `this has ${size} bytes, and is no record`})
  const stored = await store.read(key, version)
  if (stored === undefined) return findings.add(noFile(key))
  const leaf = leafOf(key, stored, false)
  if (leaf.fault !== undefined && leaf.fault !== 'record.altered') explain(key, stored.bytes, verification)
  await takeLeaf(leaf, false, verification)
  nameBlobs(key, stored.bytes, verification)
  // Files of a folder that nobody ever sealed have any time.
  if (sealed || versioned) judgeTime(leaf, lastModified, false, verification)
}

/** Why it is no record, or whose name it should have; what a leaf has no room for. */
function explain(key: string, bytes: Uint8Array, {findings}: Verification): void {
  try {
    const record = openRecord(bytes)
    findings.add({code: 'record.misplaced', key, message: `its own name is ${recordKey(record.stream, record.id, sha256Hex(bytes))}`})
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    findings.add({code: error.code, key, message: error.message})
  }
}

async function takeBlob({key, versions}: Listed, {store, versioned, full, blobs, blobBook, findings}: Verification): Promise<void> {
  const [sha256, first] = [parseBlobKey(key) ?? '', firstVersion(versions)]
  if (first === undefined) return
  const isRead = blobs && (full || !versioned)
  const stored = isRead ? await store.read(key, first.version) : undefined
  const bytes = stored?.bytes
  if (isRead && bytes === undefined) return findings.add({code: 'record.unknown-object', key, message: 'this has the name of a blob, and is no file'})
  if (bytes !== undefined && sha256Hex(bytes) !== sha256) findings.add({code: 'blob.altered', key, message: 'its bytes do not match the digest in its name'})
  if (versioned && stored !== undefined) findings.add(lockFinding(key, stored.lock, stored.lastModified))
  // A link in place of a blob lists without a size.
  blobBook.found(sha256, bytes?.length ?? first.size)
}

function noFile(key: string): {readonly code: 'record.unknown-object'; readonly key: string; readonly message: string} {
  return {code: 'record.unknown-object', key, message: 'this has the name of a record, and is no file'}
}
