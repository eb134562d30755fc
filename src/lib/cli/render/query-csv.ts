/** Rows as CSV (RFC 4180), safe to open in a spreadsheet. Pure. */
import type {Answer} from '../../actions/query/answer-query.ts'
import type {Cell} from '../../ports/evidence-index.ts'

/** Also the full-width signs, which some spreadsheets take for the same. */
const RUNS = /^[\s\0]*[=+\-@\t\r\n|＝＋－＠]/

export function renderCsv({columns, rows}: Pick<Answer, 'columns' | 'rows'>): string {
  const lines = [columns.map(({name}) => name), ...rows.map((row) => columns.map(({name}) => text(row[name] ?? null)))]
  return lines.map((cells) => `${cells.map(quote).join(',')}\r\n`).join('')
}

/** What a spreadsheet would run as a formula is marked as text by an apostrophe. Numbers are ours, and stay numbers. */
function text(value: Cell): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const clean = value.replaceAll('\0', '\uFFFD')
  return RUNS.test(value) ? `'${clean}` : clean
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
