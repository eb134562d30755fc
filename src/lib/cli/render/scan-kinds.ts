/**
 * What a scan found by kind and severity, and against which limit. Pure.
 *
 * A kind that was not wholly looked at never reads clean, and one that a limit
 * asks for has its row even if it was not run.
 */
import chalk from 'chalk'
import type {KindResult, ScanResult} from '../../actions/scan/scan-target.ts'
import type {Severity} from '../../evidence/primitives.ts'
import {SEVERITIES} from '../../evidence/primitives.ts'
import type {GateRule} from '../../policy/gate.ts'

type Limits = ScanResult['limits']

/** A text that is not parted, and whether it must be seen. */
interface Piece {
  readonly text: string
  readonly paint?: (text: string) => string
}

/** One row a kind, broken between its counts. @param columns of the terminal */
export function kindRows({scans, limits}: ScanResult, columns: number): string[] {
  const notRun = [...new Set(limits.map(({kind}) => kind))].filter((kind) => scans.every((scan) => scan.kind !== kind))
  const rows: (readonly [string, readonly Piece[]])[] = [
    ...scans.map((scan) => [scan.kind, kindPieces(scan, limits)] as const),
    ...notRun.map((kind) => [kind, [{text: 'not run', paint: chalk.yellow}]] as const),
  ]
  const width = Math.max(...rows.map(([kind]) => kind.length))
  return rows.flatMap(([kind, pieces]) => flow(`  ${kind.padEnd(width)}  `, pieces, columns))
}

function kindPieces({kind, counts, looked}: KindResult, limits: Limits): Piece[] {
  if (looked === 'nothing') return [{text: 'not looked at', paint: chalk.yellow}]
  const rules = limits.filter((rule) => rule.kind === kind)
  const found = SEVERITIES.map((severity) => ({severity, count: counts[severity] ?? 0})).filter(({count}) => count > 0)
  if (found.length === 0) return [looked === 'whole' ? {text: 'nothing found'} : {text: 'nothing found in what was looked at', paint: chalk.yellow}]
  const rest = looked === 'whole' ? [] : [{text: 'not everything was looked at', paint: chalk.yellow}]
  const total = rules.find(({severity}) => severity === undefined)
  if (total === undefined) return [...found.map(({severity, count}) => against(`${count} ${severity}`, count, ruleOf(severity, rules))), ...rest]
  const sum = found.reduce((all, {count}) => all + count, 0)
  const counted = found.map(({severity, count}) => ({text: `${count} ${severity}`}))
  return [...(found.length === 1 ? [against(counted[0]?.text ?? '', sum, total)] : [...counted, against(`${sum} in all`, sum, total)]), ...rest]
}

function ruleOf(severity: Severity, rules: Limits): GateRule | undefined {
  return rules.find((rule) => rule.severity === severity)
}

/** Where only findings with a fix count, the number is no measure of the limit: it is not painted. */
function against(text: string, count: number, rule: GateRule | undefined): Piece {
  if (rule === undefined) return {text: `${text} (no limit)`}
  if (rule.onlyFixed === true) return {text: `${text} (limit ${rule.limit} with a fix)`}
  return {text: `${text} (limit ${rule.limit})`, ...(count > rule.limit && {paint: chalk.red})}
}

function flow(label: string, pieces: readonly Piece[], columns: number): string[] {
  const lines: {text: string; length: number}[] = [{text: label, length: label.length}]
  for (const [index, {text, paint = (same: string) => same}] of pieces.entries()) {
    const piece = index < pieces.length - 1 ? `${text},` : text
    const line = lines.at(-1)
    const space = line === undefined || line.length === label.length ? 0 : 1
    if (line !== undefined && (space === 0 || line.length + space + piece.length <= columns)) {
      line.text += ' '.repeat(space) + paint(piece)
      line.length += space + piece.length
    } else lines.push({text: ' '.repeat(label.length) + paint(piece), length: label.length + piece.length})
  }
  return lines.map(({text}) => text)
}
