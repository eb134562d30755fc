/**
 * What protects the evidence, read back from the store: its settings, the lock of every version, what hides or doubles
 * one, and who may shorten a lock by the bucket's policy. The answer is a record itself.
 */
import {createHash} from 'node:crypto'
import {judgeBucket, type BucketJudgement} from '../../access/bucket-faults.ts'
import {mayShorten, type Loophole} from '../../access/may-shorten.ts'
import {EXIT, type ExitCode} from '../../errors.ts'
import type {DetailOf} from '../../evidence/schema.ts'
import {lockFinding} from '../../ledger/lock-findings.ts'
import type {Context} from '../../ports/context.ts'
import type {StoreSettings} from '../../ports/evidence-store.ts'
import {recordEffect} from '../evidence/record-effect.ts'
import {bucketOf} from '../store/store-places.ts'
import {AuditFindings, type AuditFinding} from './audit-findings.ts'
import {BLOB_SLACK, CLOCK_SLACK, endsBefore, later} from './lock-ends.ts'
import {surveyLocks, type SurveyedKey} from './survey-locks.ts'

export interface AuditStoreRequest {
  /** Reads the lock of one version in so many, chosen anew each time; default all. */
  readonly oneIn?: number
}

export interface AuditStoreResult {
  readonly exitCode: ExitCode
  readonly store: string
  readonly settings: Omit<StoreSettings, 'policy'>
  readonly unseen: BucketJudgement['unseen']
  /** By the policy's text; absent where it could not be read. */
  readonly loopholes?: readonly Loophole[]
  readonly records: number
  readonly blobs: number
  readonly markers: number
  readonly secondVersions: number
  readonly oneIn?: number
  readonly lockedUntil?: {readonly earliest: string; readonly latest: string}
  /** Blobs whose lock ends before that of a record, by less than is a finding. */
  readonly behind: number
  readonly counts: readonly {readonly code: string; readonly count: number}[]
  /** The first thousand. */
  readonly findings: readonly AuditFinding[]
  /** Id of the record; absent under --no-record. */
  readonly record?: string
}

interface Tally {
  readonly findings: AuditFindings
  records: number
  blobs: number
  markers: number
  secondVersions: number
  behind: number
  lockedUntil?: {earliest: string; latest: string}
}

/** @throws AppError `store.*`, `record.not-written` */
export async function auditStore({oneIn}: AuditStoreRequest, context: Context): Promise<AuditStoreResult> {
  const place = bucketOf(context.config.store)
  const [store, controls] = await Promise.all([context.store(), context.storeControls()])
  const {policy, ...settings} = await controls.settings()
  const {faults, unseen} = judgeBucket(settings)
  const loopholes = settings.refused.includes('policy') ? undefined : mayShorten(policy, place)
  const tally: Tally = {findings: new AuditFindings(), records: 0, blobs: 0, markers: 0, secondVersions: 0, behind: 0}
  for (const fault of faults) tally.findings.add('store.unfit', store.address, fault)

  const now = context.now().toISOString()
  const survey = surveyLocks(store, controls, context, {
    endOf: ({until}) => (until === undefined || until < now ? undefined : until),
    ...(oneIn !== undefined && {isLookedAt: sampler(oneIn, context.newId())}),
  })
  for await (const one of survey) take(one, tally)
  if (tally.records === 0) tally.findings.add('record.not-found', store.address, 'there is no record in the store')

  const exitCode = tally.findings.exitCode(unseen.length > 0)
  const {findings, lockedUntil, ...counted} = tally
  const found = {
    ...counted,
    ...(lockedUntil !== undefined && {lockedUntil}),
    ...(oneIn !== undefined && {oneIn}),
    ...(loopholes !== undefined && {loopholes}),
    counts: findings.counts,
  }
  const record = await recordEffect('the audit', context, {
    stream: 'store-audit',
    outcome: exitCode === EXIT.ok ? 'pass' : exitCode === EXIT.unreachable ? 'error' : 'fail',
    detail: detailOf(settings, found),
  })
  return {exitCode, store: store.address, settings, unseen, ...found, findings: findings.first, ...(record !== undefined && {record})}
}

/** Nobody can know beforehand which keys are looked at. */
function sampler(oneIn: number, seed: string): (key: string) => boolean {
  return (key) => createHash('sha256').update(`${seed} ${key}`).digest().readUInt32BE(0) % oneIn === 0
}

function take({key, family, objects, gone, markers, owed, fault}: SurveyedKey, tally: Tally): void {
  const {findings} = tally
  if (family === 'record') tally.records += objects.length
  if (family === 'blob') tally.blobs += objects.length
  tally.markers += markers.length
  tally.secondVersions += Math.max(0, objects.length - 1)
  if (markers.length > 0)
    findings.add(`${family}.hidden`, key, markers.some(({latest}) => latest) ? 'a delete marker hides it' : 'a delete marker lies among its versions')
  if (objects.length > 1) findings.add(`${family}.second-version`, key, `it has ${objects.length} versions`)
  if (fault !== undefined) findings.add(fault.code, key, fault.message)
  for (const {version} of gone) findings.add('lock.missing', key, `its version ${version ?? ''} was listed, and is not there any more: no lock kept it`)
  for (const {version, lock} of objects) {
    if (lock === undefined) continue
    const weak = lockFinding(key, lock, version.lastModified)
    if (weak !== undefined) findings.add(weak.code, key, weak.message)
    if (lock.until !== undefined) tally.lockedUntil = widened(tally.lockedUntil, lock.until)
    if (owed === undefined || !endsBefore(lock.until, owed, CLOCK_SLACK)) continue
    if (endsBefore(lock.until, owed, BLOB_SLACK))
      findings.add('blob.lock-ends-first', key, `its lock ends ${lock.until ?? 'at once'}, a record that names it on ${owed}`)
    else tally.behind += 1
  }
}

function widened(span: Tally['lockedUntil'], until: string): NonNullable<Tally['lockedUntil']> {
  return {earliest: span === undefined || until < span.earliest ? until : span.earliest, latest: later(span?.latest, until)}
}

type Counted = Omit<Tally, 'findings'> & Pick<AuditStoreResult, 'counts' | 'loopholes' | 'oneIn'>

function detailOf({versioning, objectLock, defaultRetention}: Omit<StoreSettings, 'policy'>, found: Counted): DetailOf<'store-audit'> {
  const {loopholes, lockedUntil, oneIn} = found
  return {
    versioning,
    lock: objectLock,
    ...(defaultRetention !== undefined && {retention: {...defaultRetention}}),
    records: found.records,
    blobs: found.blobs,
    ...(oneIn !== undefined && {one_in: oneIn}),
    markers: found.markers,
    second_versions: found.secondVersions,
    ...(lockedUntil !== undefined && {locked_until: lockedUntil}),
    ...(loopholes !== undefined && {may_shorten: [...new Set(loopholes.flatMap(({principals}) => principals.map(named)))].slice(0, 200)}),
    findings: found.counts.map((one) => ({...one})),
  }
}

/** A policy may say anything there; a record holds no more than this of it. */
function named(principal: string): string {
  return principal === '' ? '(nobody)' : principal.slice(0, 256)
}
