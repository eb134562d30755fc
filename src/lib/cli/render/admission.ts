import chalk from 'chalk'
import type {DecideResult} from '../../actions/admission/decide-admission.ts'
import type {DecidedImage} from '../../actions/admission/judge-ask.ts'
import {REASONS} from '../../errors.ts'
import {MARKS, WORDS} from './marks.ts'
import {printable, wrap} from './printable.ts'
import {textTable} from './text-table.ts'

const HEADINGS = ['where', 'verdict', 'image', 'reasons']

/** @param width characters a line */
export function renderDecide(result: DecideResult, width = 100): string {
  const {allowed, images, operation, namespace, cluster, user, dryRun} = result
  const refused = images.filter((image) => !image.allowed)
  const exempted = images.filter(({exemption}) => exemption !== undefined)
  return [
    `${allowed ? MARKS.verified : MARKS.failed} ${chalk.bold(allowed ? 'allowed' : 'refused')}  ${operation} in ${printable(namespace)} on ${printable(cluster)}${user === undefined ? '' : ` by ${printable(user)}`}${dryRun ? ' (dry run)' : ''}`,
    '',
    textTable(HEADINGS, images.map(row), width),
    ...exempted.flatMap(({path, message}) => ['', ...wrap(printable(`${path}: ${message}`), width)]),
    ...(refused.length === 0 ? [] : ['', ...refused.flatMap((image) => reasonLines(image, width))]),
    '',
    chalk.dim(`${groundText(result)}  as of ${result.asOf}  ${recordText(result)}`),
  ].join('\n')
}

function row({path, verdict, image, reasons}: DecidedImage): string[] {
  return [path, verdict === 'unchanged' ? 'unchanged' : WORDS[verdict], image === '' ? '(none)' : printable(image), reasons.join(', ')]
}

function reasonLines({path, message, reasons, checks, repository, digest, image}: DecidedImage, width: number): string[] {
  const name = printable(digest === undefined ? image : `${repository ?? ''}@${digest}`)
  const faults = checks.filter(({state}) => state === 'failed' || state === 'missing' || state === 'could-not-check')
  const said = faults.length === 0 ? [message] : faults.map((fault) => `${fault.name}: ${fault.message}`)
  const fixes = new Set(faults.length === 0 ? reasons.map((reason) => REASONS[reason].fix) : faults.flatMap(({fix}) => fix ?? []))
  return [
    `${MARKS.failed} ${path}`,
    ...said.flatMap((text) => wrap(printable(text), width - 2).map((line) => `  ${line}`)),
    // What is to be typed stays on one line.
    ...[...fixes].map((fix) => `  ${chalk.cyan('→')} ${fix.replaceAll('<image>', () => name)}`),
  ]
}

function groundText({environment, policy}: DecideResult): string {
  if (environment === undefined) return 'no environment'
  return `policy ${environment}${policy === undefined ? '' : ` sha256:${policy.slice(0, 12)}…`}`
}

function recordText({images, recorded, mode}: DecideResult): string {
  const {length} = images.filter(({record}) => record !== undefined)
  const written = `${length} ${length === 1 ? 'record' : 'records'} (${mode})`
  if (recorded) return written
  return length === 0 ? 'not recorded' : `${written}, the others not recorded`
}
