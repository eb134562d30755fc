/**
 * Makes locks that end too early end later: seven years after a version came, and a blob not before a record that names it.
 *
 * Never shortens anything, and asked again it finds nothing left to do. What is over anyway is left alone. The records'
 * own locks count as they will be, not as they are.
 */
import {earliestEnd} from '../../access/retention.ts'
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import type {Context} from '../../ports/context.ts'
import type {ObjectLock, ObjectVersion, StoreControls} from '../../ports/evidence-store.ts'
import {CLOCK_SLACK, endsBefore, later} from './lock-ends.ts'
import {surveyLocks, type SurveyedKey} from './survey-locks.ts'
import {workAhead} from './work-ahead.ts'

export interface ExtendLocksRequest {
  /** Says what would be done, and changes nothing. */
  readonly dryRun: boolean
}

export interface Extension {
  readonly key: string
  readonly version: string
  /** Absent where it was not locked. */
  readonly mode?: 'COMPLIANCE' | 'GOVERNANCE'
  readonly from?: string
  readonly to: string
}

export interface ExtendLocksResult {
  readonly exitCode: ExitCode
  readonly reason?: 'store.refused'
  readonly store: string
  readonly dryRun: boolean
  /** Versions that were looked at. */
  readonly versions: number
  /** How many locks end later now, or would. */
  readonly extended: number
  /** The first thousand of them. */
  readonly first: readonly Extension[]
  /** What the store refused, the first thousand. */
  readonly refused: readonly {readonly key: string; readonly message: string}[]
  /** Records that cannot be read: which blobs they name, and how long those are owed, nothing knows. The first thousand. */
  readonly unread: readonly {readonly key: string; readonly message: string}[]
}

const AT_ONCE = 8
const KEPT = 1_000
/** A role that may not extend the first so many may extend none. */
const ENOUGH = 20

/** @throws AppError `store.*` */
export async function extendLocks({dryRun}: ExtendLocksRequest, context: Context): Promise<ExtendLocksResult> {
  const controls = await context.storeControls()
  const store = await context.store()
  const now = context.now().toISOString()
  const survey = surveyLocks(store, controls, context, {endOf: (lock, record) => endOfRecord(lock, record, now)})
  const tally = {versions: 0, extended: 0, first: [] as Extension[], refused: [] as Refusal[], unread: [] as Refusal[]}

  const work = async (extension: Extension): Promise<Tried> => (dryRun ? {extension} : extend(extension, controls))
  for await (const {extension, error} of workAhead(planned(survey, now, tally), AT_ONCE, work)) {
    if (error === undefined) {
      tally.extended += 1
      if (tally.first.length < KEPT) tally.first.push(extension)
    } else {
      if (tally.refused.length < KEPT) tally.refused.push({key: extension.key, message: refusal(extension, error)})
      if (tally.extended === 0 && tally.refused.length >= ENOUGH) throw error
    }
  }
  const isRefused = tally.refused.length > 0
  const exitCode = tally.unread.length > 0 ? EXIT.evidence : isRefused ? EXIT.unreachable : EXIT.ok
  return {exitCode, ...(isRefused && {reason: 'store.refused' as const}), store: store.address, dryRun, ...tally}
}

/** As it will be; undefined where it is over. */
function endOfRecord({until}: ObjectLock, {lastModified}: ObjectVersion, now: string): string | undefined {
  const end = later(until, earliestEnd(lastModified))
  return end > now ? end : undefined
}

interface Refusal {
  readonly key: string
  readonly message: string
}

interface Planned {
  versions: number
  readonly refused: Refusal[]
  readonly unread: Refusal[]
}

async function* planned(survey: AsyncIterable<SurveyedKey>, now: string, tally: Planned): AsyncGenerator<Extension> {
  for await (const {key, objects, gone, owed, ownFault} of survey) {
    tally.versions += objects.length
    if (gone.length > 0 && tally.refused.length < KEPT) tally.refused.push({key, message: `${key} was listed, and is not there any more: no lock kept it`})
    if (ownFault !== undefined && tally.unread.length < KEPT) tally.unread.push({key, message: ownFault.message})
    for (const {version, lock} of objects) {
      const to = lock === undefined ? undefined : target(lock, later(owed, earliestEnd(version.lastModified)), now)
      if (to === undefined || version.version === undefined) continue
      yield {key, version: version.version, ...(lock?.mode !== undefined && {mode: lock.mode}), ...(lock?.until !== undefined && {from: lock.until}), to}
    }
  }
}

/** @param owed when it may end at the earliest @returns undefined where it does not end too early, or is over */
function target({mode, until}: ObjectLock, owed: string, now: string): string | undefined {
  const end = later(until, owed)
  if (end <= now || (mode === 'COMPLIANCE' && !endsBefore(until, owed, CLOCK_SLACK))) return undefined
  // Whole seconds, and not before it.
  return new Date(Math.ceil(Date.parse(end) / 1000) * 1000).toISOString()
}

/** Nobody makes a lock strict that they could not lift: S3 asks for the same right, which the extender has not. */
function refusal({key, mode}: Extension, error: AppError): string {
  return mode === 'GOVERNANCE' ? `${key} is locked by GOVERNANCE, and only who has s3:BypassGovernanceRetention can make that strict` : error.message
}

interface Tried {
  readonly extension: Extension
  readonly error?: AppError
}

async function extend(extension: Extension, controls: StoreControls): Promise<Tried> {
  try {
    await controls.extend(extension.key, extension.version, extension.to)
    return {extension}
  } catch (error) {
    if (error instanceof AppError && error.code === 'store.refused') return {extension, error}
    throw error
  }
}
