/** A table that fits: the widest columns are wrapped, nothing is cut off. Pure. */
import chalk from 'chalk'
import {longestPiece, wrap} from './printable.ts'

const GAP = '  '
const NARROWEST = 8
const LONGEST_PIECE = 26

/** @param cells rows of as many cells as there are headings, printable already */
export function textTable(headings: readonly string[], cells: readonly (readonly string[])[], width: number): string {
  const columns = headings.map((heading, column) => [heading, ...cells.map((row) => row[column] ?? '')])
  const widths = columns.map((column) => Math.max(...column.map(lengthOf)))
  const pieces = columns.map((column) => Math.min(LONGEST_PIECE, Math.max(...column.map(longestPiece))))
  shrink(widths, pieces, width)
  shrink(
    widths,
    pieces.map(() => NARROWEST),
    width,
  )
  return [tableRow(headings, widths).map((line) => chalk.bold(line)), ...cells.map((row) => tableRow(row, widths))].flat().join('\n')
}

/** Takes from the widest until the sum fits or all are at their least. Very many columns may not fit: then the terminal breaks the lines. */
function shrink(widths: number[], least: readonly number[], width: number): void {
  let over = widths.reduce((sum, one) => sum + one + GAP.length, -GAP.length) - width
  for (; over > 0; over -= 1) {
    const spare = widths.map((one, column) => (one > (least[column] ?? one) ? one : 0))
    const widest = spare.indexOf(Math.max(...spare))
    if (spare[widest] === 0) return
    widths[widest] = (widths[widest] ?? 0) - 1
  }
}

function tableRow(row: readonly string[], widths: readonly number[]): string[] {
  const wrapped = widths.map((width, column) => wrap(row[column] ?? '', width))
  const height = Math.max(...wrapped.map((lines) => lines.length))
  return Array.from({length: height}, (_, line) =>
    widths
      .map((width, column) => {
        const text = wrapped[column]?.[line] ?? ''
        return text + ' '.repeat(Math.max(0, width - lengthOf(text)))
      })
      .join(GAP)
      .trimEnd(),
  )
}

function lengthOf(text: string): number {
  return Array.from(text).length
}
