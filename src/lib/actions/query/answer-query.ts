/**
 * Asks one question of the evidence and says how the answer was made.
 *
 * Order: fix the time, bring the index up to date, ask, look for what is
 * missing, record that it was asked, answer. What is known to be incomplete
 * never looks complete.
 */
import {AppError, EXIT, REASONS, worstExit, type ExitCode} from '../../errors.ts'
import {RECORDS} from '../../evidence/key.ts'
import {sha256Hex} from '../../evidence/record.ts'
import {nearestName} from '../../config/nearest-name.ts'
import {findQuestion, questionNames} from '../../queries/catalogue.ts'
import {gapsOf} from '../../queries/gaps.ts'
import type {Ipe} from '../../queries/ipe.ts'
import {resolveParameters, type ParameterRequest, type Parameters} from '../../queries/parameters.ts'
import type {AnswerRow, Column, Finished, Gap, Question} from '../../queries/question.ts'
import {COVERAGE, FAULTS, KNOWN_SCOPES, RUN_GAPS} from '../../queries/sql/coverage.ts'
import type {Context} from '../../ports/context.ts'
import type {EvidenceIndex} from '../../ports/evidence-index.ts'
import {recordQuery} from './record-query.ts'
import {storeHead} from './store-head.ts'
import {updateIndex} from './update-index.ts'

export interface AnswerRequest extends ParameterRequest {
  readonly name: string
  /** Rows to hand back; the block says how many there are. */
  readonly limit?: number | undefined
  /** Builds the index from nothing, and so checks the digest of every record. */
  readonly fresh: boolean
}

/** The answer as it is printed, in every format. */
export interface Answer {
  readonly ipe: Ipe
  readonly columns: readonly (Column & {readonly type: string})[]
  readonly rows: readonly AnswerRow[]
}

export interface AnswerResult {
  readonly answer: Answer
  readonly exitCode: ExitCode
}

/** Clocks differ a little. */
const AHEAD = 5 * 60_000

/** @throws AppError `usage.*`, `record.altered`, `blob.*`, `store.*`, `query.engine`, `record.not-written` */
export async function answerQuery(request: AnswerRequest, context: Context): Promise<AnswerResult> {
  const question = findQuestion(request.name)
  if (question === undefined) throw unknownQuestion(request.name)
  const began = context.now()
  const parameters = resolveParameters(question, request, began)
  await findStore(context)
  const index = await context.index()
  try {
    const {columns, finished, gaps, ipe} = await ask(question, request, parameters, began, index, context)
    const rows = finished.rows.slice(0, request.limit).map((row) => pick(row, columns))
    const hasExceptions = question.exceptions && finished.rows.length > 0
    const reason: Ipe['reason'] = hasExceptions ? 'query.exceptions' : gaps.length > 0 ? 'query.incomplete' : null
    const block = {...ipe, reason, rows: finished.rows.length, shown: rows.length, duration_ms: context.now().getTime() - began.getTime()}
    const verdict = worstExit([hasExceptions ? REASONS['query.exceptions'].exit : EXIT.ok, ...gaps.map(({code}) => REASONS[code].exit)])
    const {recorded, exitCode} = await recordQuery(block, verdict, context)
    return {answer: {ipe: {...block, recorded}, columns, rows}, exitCode}
  } finally {
    await index.close()
  }
}

/** An index is made only of a store that is there. @throws AppError `store.unreachable` */
async function findStore(context: Context): Promise<void> {
  const store = await context.store()
  await store.list(RECORDS)[Symbol.asyncIterator]().next()
}

function unknownQuestion(name: string): AppError {
  const near = nearestName(name, questionNames())
  const message = `there is no query ${JSON.stringify(name)}${near === undefined ? '' : `; did you mean ${near}?`}`
  return new AppError('usage.query', message, {fix: near === undefined ? 'hipaa-ci query' : `hipaa-ci query ${near}`})
}

/** What only the step behind the SQL needed is left out. */
function pick(row: AnswerRow, columns: Answer['columns']): AnswerRow {
  return Object.fromEntries(columns.map(({name}) => [name, row[name] ?? null]))
}

type Unrecorded = Omit<Ipe, 'reason' | 'rows' | 'shown' | 'duration_ms' | 'recorded'>

async function ask(
  question: Question,
  {fresh, to}: AnswerRequest,
  {bound, shown}: Parameters,
  began: Date,
  index: EvidenceIndex,
  context: Context,
): Promise<{columns: Answer['columns']; finished: Finished; gaps: readonly Gap[]; ipe: Unrecorded}> {
  const store = await context.store()
  // Before the records are: what is sealed meanwhile is not in it, and may be among them.
  const head = await storeHead(context)
  const state = await updateIndex({fresh}, context)
  const asked = await index.ask(question.sql, bound)
  const finished = question.finish?.(asked.rows, {from: bound['from'] ?? '', to: bound['to'] ?? ''}) ?? {rows: asked.rows, gaps: [], notes: []}
  const [coverage = {}] = (await index.ask(COVERAGE, bound)).rows
  const gaps = [
    ...gapsOf({
      store: store.address,
      index: index.address,
      coverage,
      scopes: (await index.ask(KNOWN_SCOPES, bound)).rows,
      runs: (await index.ask(RUN_GAPS, bound)).rows,
      faults: (await index.ask(FAULTS, bound)).rows,
      ...state,
      system: question.parameters.includes('system') ? (bound['system'] ?? '') : '',
      environment: question.parameters.includes('environment') ? (bound['environment'] ?? '') : '',
      reads: question.reads,
      latest: to === undefined ? new Date(began.getTime() + AHEAD).toISOString() : undefined,
    }),
    ...finished.gaps,
  ]
  const {human, workload} = (await context.ci()).actor
  const actor = human ?? workload
  return {
    finished,
    gaps,
    columns: question.columns.map((column) => ({...column, type: asked.columns.find(({name}) => name === column.name)?.type ?? 'VARCHAR'})),
    ipe: {
      query: question.name,
      version: question.version,
      asks: question.asks,
      sql_sha256: sha256Hex(question.sql),
      sql: question.sql,
      parameters: shown,
      engine: {name: index.name, version: index.version, execution: context.newId(), bytes_scanned: asked.bytes},
      store: {
        address: store.address,
        ...head,
        records: Number(coverage['records']),
        covered: Number(coverage['covered']),
        newest: typeof coverage['newest'] === 'string' ? coverage['newest'] : null,
        checked_now: state.added,
      },
      complete: gaps.length === 0,
      gaps,
      notes: finished.notes,
      controls: question.controls,
      does_not_prove: question.doesNotProve,
      ran_at: began.toISOString(),
      ran_by: actor === undefined ? null : {id: actor.id, issuer: actor.issuer, basis: actor.basis},
      tool: `hipaa-ci ${context.version}`,
    },
  }
}
