/**
 * An answer for people: rows, then the block that says how it was made.
 *
 * What makes it incomplete stands first, and once more in a line at the end, so
 * that neither a long table nor a short glance can hide it.
 */
import chalk from 'chalk'
import type {Answer} from '../../actions/query/answer-query.ts'
import {REASONS} from '../../errors.ts'
import type {Cell} from '../../ports/evidence-index.ts'
import {BEGINNING} from '../../queries/period.ts'
import type {Ipe} from '../../queries/ipe.ts'
import type {AnswerRow} from '../../queries/question.ts'
import {paragraph, printable} from './printable.ts'
import {textTable} from './text-table.ts'

const WIDTH = 100
const TIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/

const NOT_SEALED = 'not sealed: nobody outside has noted what it held, so a whole run, or the newest records, could be gone unseen'

/** @param width characters a line of the table; the block keeps to what can be read */
export function renderAnswer(answer: Answer, width = WIDTH): string {
  const {ipe} = answer
  return [...warning(ipe), '', ...table(answer, width), '', ...notes(ipe), ...block(ipe), ...reminder(ipe)].join('\n').replace(/^\n+/, '')
}

/** The block alone, for the side of a CSV. */
export function renderIpe(ipe: Ipe): string {
  return [...warning(ipe), ...notes(ipe), ...block(ipe)].join('\n')
}

function warning({query, complete, gaps}: Ipe): string[] {
  if (complete) return []
  const lines = gaps.slice(0, 20).flatMap(({code, what}) => paragraph('  ', printable(`${what} (${code})`), WIDTH))
  const rest = gaps.length > 20 ? [`  and ${gaps.length - 20} more: --json has them all`] : []
  return [
    chalk.yellow.bold('INCOMPLETE: this answer is known not to be whole'),
    ...lines.map((line) => chalk.yellow(line)),
    ...rest,
    ...paragraph('  → ', printable(remedy(query, gaps)), WIDTH),
  ]
}

function remedy(query: string, gaps: Ipe['gaps']): string {
  const run = gaps.find((gap) => gap.run !== undefined)?.run
  const [first] = gaps
  const fix = REASONS[first?.code ?? 'query.incomplete'].fix
  if (run === undefined) return fix
  const look = query === 'run' ? fix : `hipaa-ci query run --run ${run} shows what that run left.`
  return `${look} A gap stays a gap: this version cannot record an explanation.`
}

function reminder({complete, gaps}: Ipe): string[] {
  return complete ? [] : [chalk.yellow.bold(`INCOMPLETE, as said at the top: ${gaps.length} ${gaps.length === 1 ? 'gap' : 'gaps'}`)]
}

function table({ipe, columns, rows}: Answer, width: number): string[] {
  if (rows.length === 0) return [ipe.complete ? 'No rows.' : 'No rows were found.']
  // A column that says nothing in any row takes room from those that do.
  const shown = columns.filter(({name, wide}) => wide !== true && rows.some((row) => isSaid(row[name] ?? null)))
  const cells = rows.map((row) => shown.map(({name}) => cell(row[name] ?? null)))
  const rest = ipe.rows - rows.length
  return [
    textTable(
      shown.map(({name}) => heading(name, rows)),
      cells,
      width,
    ),
    ...(rest > 0 ? ['', chalk.yellow(`${rest} more of ${ipe.rows} rows are not shown; for all of them: --format csv --out FILE`)] : []),
  ]
}

/** Cells leave out the zone: the heading says it. */
function heading(name: string, rows: readonly AnswerRow[]): string {
  const words = name.replaceAll('_', ' ')
  return rows.some((row) => TIME.test(String(row[name] ?? ''))) ? `${words} (UTC)` : words
}

function isSaid(value: Cell): boolean {
  return value !== null && value !== ''
}

function cell(value: Cell): string {
  if (value === null || value === '') return '-'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return printable(String(value))
    .replace(TIME, '$1 $2')
    .replace(/^(?:sha256:)?([0-9a-f]{12})[0-9a-f]{52}$/, '$1…')
    .replaceAll(/sha256:([0-9a-f]{12})[0-9a-f]{52}/g, 'sha256:$1…')
}

function notes({notes: lines}: Ipe): string[] {
  return lines.length === 0 ? [] : [...lines.flatMap((line) => paragraph('note: ', printable(line), WIDTH)), '']
}

function block(ipe: Ipe): string[] {
  const {from, to, ...others} = ipe.parameters
  const asked = Object.entries(others).map(([name, value]) => `${name} ${value}`)
  const {store} = ipe
  const facts: [string, string][] = [
    ['question', `${ipe.asks} (${ipe.query} v${ipe.version})`],
    [
      'asked of',
      [
        ...(from === undefined ? [] : [from === BEGINNING ? 'from the first record' : `from ${from}`]),
        ...(to === undefined ? [] : [`before ${to} (UTC)`]),
        ...asked,
      ].join(', '),
    ],
    ['rows', `${ipe.rows}${ipe.reason === 'query.exceptions' ? ' exceptions (query.exceptions)' : ''}${ipe.shown < ipe.rows ? `, ${ipe.shown} shown` : ''}`],
    ['store', store.address],
    ...sealLines(store),
    ['records', `${store.covered} in scope of ${store.records}, newest ${store.newest ?? 'none'}`],
    ['', checked(store.checked_now)],
    ...ipe.clusters.map((one, index): [string, string] => [index === 0 ? 'clusters' : '', clusterLine(one)]),
    ['made by', `${ipe.tool}, ${ipe.engine.name} ${ipe.engine.version}`],
    ['execution', `${ipe.engine.execution}, ${ipe.engine.bytes_scanned} bytes scanned at most`],
    ['sql', `sha256:${ipe.sql_sha256}`],
    ['run', `${ipe.ran_at}, ${ipe.duration_ms} ms, by ${who(ipe)}`],
    ['recorded', ipe.recorded ?? 'not recorded'],
    ['supports', ipe.controls.map(({id, basis}) => (basis === 'hipaa-ci-interpretation' ? `${id}*` : id)).join(', ')],
    ...ipe.does_not_prove.map((line, index): [string, string] => [index === 0 ? 'not proven' : '', line]),
  ]
  return [
    ...facts.flatMap(([label, text]) => paragraph(label.padEnd(12), printable(text), WIDTH)).map((line) => chalk.dim(line)),
    chalk.dim(`${' '.repeat(12)}(* our reading of the control, not its own text)`),
  ]
}

/** Each record is compared with the digest in its name when it enters the index. */
function checked(now: number): string {
  const read = now === 0 ? 'no record was read anew' : `${now} ${now === 1 ? 'record was' : 'records were'} read and found unchanged`
  return `${read} for this answer, every other one when it entered the index (--fresh reads all again)`
}

function sealLines({head, seal}: Ipe['store']): [string, string][] {
  if (seal === null) return [['', NOT_SEALED]]
  const signed = seal.checkpoint === 'verified' ? 'its checkpoint verifies' : 'no checkpoint of it was verified: hipaa-ci evidence verify'
  return [
    ['', `sealed up to seal ${seal.n}${seal.size === null ? '' : `, ${seal.size} records`}; ${signed}`],
    ['head', head],
  ]
}

function clusterLine({cluster, account, region, since, until, state}: Ipe['clusters'][number]): string {
  const place = [account, region].filter((one) => one !== null).join(', ')
  const words = {reporting: 'reporting', silent: 'SILENT SINCE THEN', 'out-of-service': 'out of service'}
  return `${cluster}${place === '' ? '' : ` (${place})`}: from ${since} to ${until}, ${words[state]}`
}

function who({ran_by: by}: Ipe): string {
  return by === null ? 'an unknown person' : `${by.id} (${by.issuer}, ${by.basis})`
}
