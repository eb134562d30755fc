/**
 * Everything in the store against the log over it, its own names, its schema, its chains and its runs' ends.
 *
 * Rules: every object is looked at, also what is no evidence. What was changed, added, hidden or forked ends with 5
 * whatever else was found; only what is missing with 6; an empty store verifies nothing and is 6 too. The log is read
 * before the objects: what came in between is not sealed yet, and nothing else can be said of it.
 */
import {AppError, EXIT} from '../../errors.ts'
import {exitOf} from '../../ledger/findings.ts'
import type {Context} from '../../ports/context.ts'
import {beginVerification, type Begun} from './begin-verification.ts'
import {concludeVerification, continued, isCopy, outsideFindings} from './conclude-verification.ts'
import {takeLog, type TakenLog} from './take-log.ts'
import {takeObjects, type TakenObjects} from './take-objects.ts'
import {doesNotProve, notesOn, type Circumstances} from './verification-words.ts'
import type {VerifiedLog, VerifyEvidenceRequest, VerifyEvidenceResult} from './verify-result.ts'

const NAMED = 100

interface Walked {
  log?: TakenLog
  objects?: TakenObjects
}

/** @throws AppError `store.*`, `checkpoint.unreadable-key`, `config.missing`, `usage.*` */
export async function verifyEvidence(request: VerifyEvidenceRequest, context: Context): Promise<VerifyEvidenceResult> {
  context.progress.step(`Verifying the evidence in ${(await context.store()).address}`)
  const begun = await beginVerification(request, context)
  const {verification, listed, keys, heads} = begun
  const {findings, store} = verification
  const walked: Walked = {}
  try {
    walked.log = await takeLog({listed, keys, now: context.now()}, verification)
    findings.add(...outsideFindings(heads, walked.log))
    walked.objects = await takeObjects(listed, verification)
    await concludeVerification(begun, walked.log, walked.objects, context)
  } catch (error) {
    // What was tampered with comes before what could not be reached.
    if (!(error instanceof AppError) || error.exitCode !== EXIT.unreachable || exitOf(findings.all) !== EXIT.evidence) throw error
    findings.add({code: error.code, key: store.address, message: `not everything was looked at: ${error.message}`})
  }
  return resultOf(request, begun, walked)
}

function resultOf(request: VerifyEvidenceRequest, {verification, listed, heads}: Begun, {log, objects}: Walked): VerifyEvidenceResult {
  const {store, findings, blobBook, runs, versioned, full, since, late, blobs} = verification
  const unnamed = since === undefined ? blobBook.unnamed() : []
  const sealed = listed.seals.size > 0 || listed.checkpoints.size > 0
  const copy = objects !== undefined && isCopy(objects, verification)
  const backDated = new Set(findings.all.filter(({code}) => code === 'record.back-dated').map(({key}) => key))
  const delivered = [...late]
    .filter(([key, {sealed: isSealed}]) => (isSealed || !copy) && !backDated.has(key))
    .map(([key, {finding}]) => ({key, message: finding.message}))
  const {records = 0, versions = 0, unsealed = 0} = objects ?? {}
  const before = since?.tree.size ?? 0
  const kept = log === undefined ? [] : continued(heads, log)
  const circumstances: Circumstances = {
    request,
    continued: kept.length > 0,
    sealed,
    owed: verification.sealed,
    versioned,
    copy,
    before,
    unsealed,
    unnamed: unnamed.length,
    delivered,
  }
  const exitCode = exitOf(findings.all)
  return {
    store: store.address,
    verdict: exitCode === EXIT.ok ? 'verified' : exitCode === EXIT.missing ? 'missing' : 'failed',
    records,
    versions,
    runs: runs.size,
    blobs: blobBook.count,
    blobsRead: blobs && (full || !versioned),
    log: log === undefined ? null : logOf(log),
    unsealed,
    continues: kept.map(({from, size}) => ({from, size})),
    findings: findings.all,
    delivered,
    unnamedBlobs: {count: unnamed.length, first: unnamed.slice(0, NAMED)},
    notes: notesOn(circumstances),
    does_not_prove: doesNotProve(circumstances),
    exitCode,
  }
}

function logOf({state, seals, signed}: TakenLog): VerifiedLog | null {
  const {origin, sealedAt, n, tree, root} = state
  if (origin === undefined || sealedAt === undefined) return null
  return {origin, seals, size: tree.size, root, newest: {n, sealed_at: sealedAt}, checkpoint: signed ?? null}
}
