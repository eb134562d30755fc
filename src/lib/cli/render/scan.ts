/** A scan for people: what stops the gate and how to get past it, then the counts, then what was not looked at. */
import chalk from 'chalk'
import type {ScanResult} from '../../actions/scan/scan-target.ts'
import {findingsTable, findingsWithin} from './findings.ts'
import {imageLines} from './image-name.ts'
import {MARKS} from './marks.ts'
import {paragraph, printable} from './printable.ts'
import {quantity} from './quantity.ts'
import {kindRows} from './scan-kinds.ts'
import {unscannedText} from './unscanned.ts'

const WIDTH = 100
const FINDINGS_SHOWN = 40
const WITHIN_SHOWN = 10
const GAPS_SHOWN = 20

const DECISIONS = {
  pass: {mark: MARKS.verified, word: 'pass', means: 'everything was looked at, and is within the limits'},
  fail: {mark: MARKS.failed, word: 'fail', means: 'above the limits'},
  'could-not-check': {mark: MARKS['could-not-check'], word: 'could not check', means: 'not everything was looked at, so this is no pass'},
} as const

export function renderScan(result: ScanResult): string {
  return [scanHeadline(result), ...imageLines(result.repository ?? result.target, result.digest), '', renderScanBody(result)].join('\n')
}

/** The decision in one line. @param step stands before it, in a list of steps */
export function scanHeadline({decision, scans}: ScanResult, step = ''): string {
  const {mark, word, means} = DECISIONS[decision]
  // What the configuration leaves out, or nobody publishes advisories for, does not stop the gate.
  const partly = decision === 'pass' && scans.some(({looked}) => looked !== 'whole')
  return `${mark} ${step}${chalk.bold(word)}  ${partly ? 'what could be looked at, and was asked for, is within the limits' : means}`
}

/** What was found, and what to do about it. */
export function renderScanBody(result: ScanResult): string {
  return [
    ...findingsTable(result.stopping, FINDINGS_SHOWN, WIDTH),
    ...within(result),
    ...kindRows(result, WIDTH),
    '',
    ...gaps(result),
    ...problems(result),
    ...fixes(result),
    ...footer(result),
  ].join('\n')
}

/** Named all the same: a limit that nobody set must not hide what was found. */
function within({findings, stopping}: ScanResult): string[] {
  const found = findingsWithin(findings, stopping)
  return found.length === 0 ? [] : [chalk.bold('Found, and not stopping the gate:'), ...findingsTable(found, WITHIN_SHOWN, WIDTH)]
}

function gaps({scans, leftOut}: ScanResult): string[] {
  const all = scans.flatMap(({kind, unscanned}) => unscanned.map((item) => ({kind, ...item})))
  const lines = all
    .slice(0, GAPS_SHOWN)
    .flatMap((item) => paragraph(`  ${chalk.yellow('?')} `, printable(`${item.kind}: ${unscannedText(item)} (${item.reason})`), WIDTH))
  return [
    ...(all.length === 0 ? [] : [chalk.yellow('Not looked at:'), ...lines]),
    ...(all.length > GAPS_SHOWN ? [`  and ${all.length - GAPS_SHOWN} more: --json has them all`] : []),
    ...(leftOut.length === 0 ? [] : paragraph('', printable(`Left out by \`platforms\` in the configuration: ${leftOut.join(', ')}`), WIDTH)),
    ...(all.length + leftOut.length === 0 ? [] : ['']),
  ]
}

function problems({problems: all}: ScanResult): string[] {
  return [...new Set(all.map(({message}) => message))].flatMap((message) => paragraph(`  ${chalk.red('!')} `, printable(message), WIDTH))
}

/** A line to type stays whole. */
function fixes({fixes: all}: ScanResult): string[] {
  return all
    .flatMap((fix) => (fix.startsWith('hipaa-ci ') ? [`  → ${printable(fix)}`] : paragraph('  → ', printable(fix), WIDTH)))
    .map((line) => line.replace('→', chalk.cyan('→')))
}

function footer({tools, database, policy, recorded, record, platforms, scans, sourceFiles, warnings}: ScanResult): string[] {
  const uncovered = platforms.flatMap((platform) => platform.uncovered)
  const types = [...new Set(uncovered.map(({type}) => type))].join(', ')
  const packages = quantity(
    uncovered.reduce((sum, {count}) => sum + count, 0),
    'package',
  )
  // One that nothing was looked up in says nothing about the image.
  const lookedUp = scans.some(({kind, looked}) => kind === 'vulnerability' && looked !== 'nothing')
  const basis = database !== undefined && lookedUp ? `; database of ${database.updatedAt.slice(0, 16).replace('T', ' ')}` : ''
  const notes = [
    ...warnings.filter((text) => text !== 'not recorded'),
    ...(uncovered.length === 0 ? [] : [`no advisories exist for ${packages} (${types})`]),
    ...(sourceFiles === undefined ? [] : [`code rules looked at ${quantity(sourceFiles, 'file')}`]),
    `${tools.map(({name, version}) => `${name} ${version}`).join(', ') || 'no tool answered'}${basis}`,
    `limits sha256:${policy.slice(0, 12)}…  ${recorded ? `record ${record ?? ''}` : 'not recorded'}`,
  ]
  return notes.flatMap((note) => paragraph('  ', printable(note), WIDTH)).map((line) => chalk.dim(line))
}
