/** What makes an answer less than whole, in words. Pure. */
import type {ReasonCode} from '../errors.ts'
import {isReasonCode, REASONS} from '../errors.ts'
import type {Stream} from '../evidence/streams.ts'
import type {AnswerRow, Gap} from './question.ts'

export interface GapSources {
  readonly store: string
  readonly index: string
  /** Rows of `COVERAGE`, `KNOWN_SCOPES`, `RUN_GAPS` and `FAULTS`. */
  readonly coverage: AnswerRow
  readonly scopes: readonly AnswerRow[]
  readonly runs: readonly AnswerRow[]
  readonly faults: readonly AnswerRow[]
  readonly gone: readonly string[]
  readonly goneCount: number
  readonly foreign: readonly string[]
  readonly foreignCount: number
  readonly system: string
  readonly environment: string
  /** Streams that the question reads: another's missing step leaves its answer whole. */
  readonly reads: readonly Stream[]
  /** No record may be younger; undefined where the end of the period was given. */
  readonly latest: string | undefined
}

export function gapsOf(sources: GapSources): Gap[] {
  return [
    ...emptyStore(sources),
    ...unknownScopes(sources),
    ...ahead(sources),
    ...missingKeys(sources),
    ...sources.faults.map(toFault),
    ...sources.runs.filter((row) => concerns(row, sources.reads)).map((row) => ({...runGap(row), run: String(row['run_id'])})),
  ]
}

function emptyStore({coverage, store}: GapSources): Gap[] {
  return coverage['records'] === 0 ? [{code: 'record.not-found', what: `there is no evidence in ${store}`}] : []
}

/** A mistyped name finds nothing, which is not the same as that there is nothing. */
function unknownScopes({scopes, system, environment}: GapSources): Gap[] {
  return Object.entries({system, environment}).flatMap(([kind, asked]): Gap[] => {
    const known = scopes.filter((row) => row['kind'] === kind).map(({name}) => String(name))
    if (asked === '' || known.includes(asked)) return []
    return [{code: 'record.not-found', what: `no record is about the ${kind} ${asked}; there are records about: ${known.join(', ') || 'none'}`}]
  })
}

function ahead({coverage, latest}: GapSources): Gap[] {
  const {newest} = coverage
  return latest !== undefined && typeof newest === 'string' && newest > latest ? [{code: 'record.ahead', what: `the newest record is dated ${newest}`}] : []
}

function missingKeys({gone, goneCount, foreign, foreignCount, index}: GapSources): Gap[] {
  return [
    ...gone.map((key): Gap => ({code: 'record.vanished', what: `${key} is no longer in the store`})),
    ...more('record.vanished', goneCount - gone.length, `no longer in the store; the index at ${index} knows their keys`),
    ...foreign.map((key): Gap => ({code: 'record.unknown-object', what: `${key} is no record`})),
    ...more('record.unknown-object', foreignCount - foreign.length, 'no records'),
  ]
}

function more(code: ReasonCode, count: number, what: string): Gap[] {
  return count > 0 ? [{code, what: `${count} more are ${what}`}] : []
}

function toFault({code, what}: AnswerRow): Gap {
  return {code: reason(code), what: String(what)}
}

/** Only steps say which stream is missing; everything else in a run may have been of any. */
function concerns({code, step}: AnswerRow, reads: readonly Stream[]): boolean {
  if (code !== 'run.missing-step' || typeof step !== 'string') return true
  const steps = step.split(', ')
  return reads.some((stream) => steps.includes(stream))
}

function runGap({code, run_id: runId, job, first_missing: first, last_missing: last, step}: AnswerRow): Gap {
  const run = `run ${String(runId)}`
  const known = reason(code)
  // Steps, and jobs as `job:NAME`.
  if (step !== null) return {code: known, what: `${run} ended without: ${String(step)}`}
  const where = `${run}, job ${String(job)}`
  const words: Partial<Record<ReasonCode, string>> = {
    'chain.gap': first === last ? `${where}: record ${String(first)} is missing` : `${where}: records ${String(first)} to ${String(last)} are missing`,
    'run.count': `${where}: ${String(first)} of ${String(last)} records are there`,
    'run.missing-job': `${where}: none of its ${String(last)} records are there`,
    'run.no-end': `${run} has no end record`,
  }
  return {code: known, what: words[known] ?? REASONS[known].meaning}
}

/** A code that an index of another version wrote is still a fault. */
function reason(code: unknown): ReasonCode {
  return isReasonCode(code) ? code : 'query.incomplete'
}
