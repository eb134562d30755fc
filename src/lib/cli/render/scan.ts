/** A scan for people: what stops the gate and how to get past it, then the counts, then what was not looked at. */
import chalk from 'chalk'
import type {KindResult, ScanResult} from '../../actions/scan-target.ts'
import type {GateReason} from '../../evidence/details.ts'
import type {Finding} from '../../evidence/finding.ts'
import {SEVERITIES} from '../../evidence/primitives.ts'
import {imageLines} from './image-name.ts'
import {MARKS} from './marks.ts'
import {paragraph, printable} from './printable.ts'
import {unscannedText} from './unscanned.ts'
import {textTable} from './text-table.ts'

const WIDTH = 100
const FINDINGS_SHOWN = 40
const GAPS_SHOWN = 20

const DECISIONS = {
  pass: {mark: MARKS.verified, words: `${chalk.bold('pass')}  everything was looked at, and is within the limits`},
  fail: {mark: MARKS.failed, words: `${chalk.bold('fail')}  above the limits`},
  'could-not-check': {mark: MARKS['could-not-check'], words: `${chalk.bold('could not check')}  not everything was looked at, so this is no pass`},
} as const

export function renderScan(result: ScanResult): string {
  return [scanHeadline(result), ...imageLines(result.repository ?? result.target, result.digest), '', renderScanBody(result)].join('\n')
}

/** The decision in one line. @param step stands before it, in a list of steps */
export function scanHeadline({decision}: ScanResult, step = ''): string {
  const {mark, words} = DECISIONS[decision]
  return `${mark} ${step}${words}`
}

/** What was found, and what to do about it. */
export function renderScanBody(result: ScanResult): string {
  return [...stopping(result.stopping), ...counts(result), ...gaps(result), ...problems(result), ...fixes(result), ...footer(result)].join('\n')
}

function stopping(findings: readonly Finding[]): string[] {
  if (findings.length === 0) return []
  const rows = findings
    .slice(0, FINDINGS_SHOWN)
    .map((finding) => [finding.severity, finding.id, what(finding), finding.fixed_version ?? '-', where(finding)].map(printable))
  const rest = findings.length > FINDINGS_SHOWN ? [`and ${findings.length - FINDINGS_SHOWN} more: --json has them all`] : []
  return [textTable(['SEVERITY', 'WHAT', 'IN', 'FIXED IN', 'WHERE'], rows, WIDTH), ...rest, '']
}

function what({package: found, title, kind}: Finding): string {
  return found === undefined ? (title ?? kind) : `${found.name} ${found.version ?? ''}`.trim()
}

function where({location, platform}: Finding): string {
  if (location !== undefined) return `${location.path}${location.line === undefined ? '' : `:${location.line}`}`
  return platform === undefined ? '-' : 'system package'
}

function counts({scans, reasons}: ScanResult): string[] {
  const width = Math.max(...scans.map(({kind}) => kind.length))
  return [...scans.map((scan) => `  ${scan.kind.padEnd(width)}  ${kindText(scan, reasons)}`), '']
}

function kindText({kind, counts: found}: KindResult, reasons: readonly GateReason[]): string {
  const over = reasons.filter((reason) => reason.code === 'gate.failed' && reason.kind === kind)
  const total = over.find(({severity}) => severity === undefined)
  const levels = SEVERITIES.filter((severity) => (found[severity] ?? 0) > 0).map((severity) => {
    const limit = over.find((reason) => reason.severity === severity)?.limit
    const text = `${found[severity] ?? 0} ${severity}`
    return limit === undefined ? text : chalk.red(`${text} (limit ${limit})`)
  })
  const sum = total === undefined ? [] : [chalk.red(`limit ${total.limit ?? 0}`)]
  return levels.length === 0 ? 'nothing found' : [...levels, ...sum].join(', ')
}

function gaps({scans, leftOut}: ScanResult): string[] {
  const all = scans.flatMap(({kind, unscanned}) => unscanned.map((item) => ({kind, ...item})))
  const lines = all
    .slice(0, GAPS_SHOWN)
    .flatMap((item) => paragraph(`  ${chalk.yellow('?')} `, printable(`${item.kind}: ${unscannedText(item)} (${item.reason})`), WIDTH))
  return [
    ...(all.length === 0 ? [] : [chalk.yellow('Not looked at:'), ...lines]),
    ...(all.length > GAPS_SHOWN ? [`  and ${all.length - GAPS_SHOWN} more: --json has them all`] : []),
    ...(leftOut.length === 0 ? [] : [`Left out by \`platforms\` in the configuration: ${leftOut.join(', ')}`]),
    ...(all.length + leftOut.length === 0 ? [] : ['']),
  ]
}

function problems({problems: all}: ScanResult): string[] {
  return [...new Set(all.map(({message}) => message))].flatMap((message) => paragraph(`  ${chalk.red('!')} `, printable(message), WIDTH))
}

function fixes({fixes: all}: ScanResult): string[] {
  return all.map((fix) => `  ${chalk.cyan('→')} ${printable(fix)}`)
}

function footer({tools, database, policy, recorded, record, platforms, sourceFiles, warnings}: ScanResult): string[] {
  const uncovered = platforms.flatMap((platform) => platform.uncovered)
  const types = [...new Set(uncovered.map(({type}) => type))].join(', ')
  const notes = [
    ...warnings.filter((text) => text !== 'not recorded'),
    ...(uncovered.length === 0 ? [] : [`no advisories exist for ${uncovered.reduce((sum, {count}) => sum + count, 0)} packages (${types})`]),
    ...(sourceFiles === undefined ? [] : [`code rules looked at ${sourceFiles} files`]),
    `${tools.map(({name, version}) => `${name} ${version}`).join(', ') || 'no tool answered'}${database === undefined ? '' : `; database of ${database.updatedAt.slice(0, 16).replace('T', ' ')}`}`,
    `limits sha256:${policy.slice(0, 12)}…  ${recorded ? `record ${record ?? ''}` : 'not recorded'}`,
  ]
  return notes.flatMap((note) => paragraph('  ', printable(note), WIDTH)).map((line) => chalk.dim(line))
}
