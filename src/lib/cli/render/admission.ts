import chalk from 'chalk'
import type {DecidedImage, DecideResult} from '../../actions/decide-admission.ts'
import {REASONS} from '../../errors.ts'
import {MARKS, WORDS} from './marks.ts'
import {printable} from './printable.ts'
import {textTable} from './text-table.ts'

const HEADINGS = ['where', 'verdict', 'image', 'reasons']

/** @param width characters a line */
export function renderDecide(result: DecideResult, width = 120): string {
  const {allowed, images, operation, namespace, cluster, user, dryRun} = result
  const refused = images.filter((image) => !image.allowed)
  return [
    `${allowed ? MARKS.verified : MARKS.failed} ${chalk.bold(allowed ? 'allowed' : 'refused')}  ${operation} in ${printable(namespace)} on ${printable(cluster)}${user === undefined ? '' : ` by ${printable(user)}`}${dryRun ? ' (dry run)' : ''}`,
    '',
    textTable(HEADINGS, images.map(row), width),
    ...(refused.length === 0 ? [] : ['', ...refused.flatMap(reasonLines)]),
    '',
    chalk.dim(`${groundText(result)}  as of ${result.asOf}  ${recordText(result)}`),
  ].join('\n')
}

function row({path, verdict, image, reasons}: DecidedImage): string[] {
  return [path, verdict === 'unchanged' ? 'unchanged' : WORDS[verdict], image === '' ? '(none)' : printable(image), reasons.join(', ')]
}

function reasonLines({path, message, reasons, checks, repository, digest, image}: DecidedImage): string[] {
  const name = digest === undefined ? image : `${repository ?? ''}@${digest}`
  const own = checks.flatMap(({state, fix}) => (fix === undefined || state === 'verified' ? [] : [fix]))
  const fixes = new Set(own.length > 0 ? own : reasons.map((reason) => REASONS[reason].fix))
  return [
    `${MARKS.failed} ${path}: ${printable(message)}`,
    ...[...fixes].map((fix) => `  ${chalk.cyan('→')} ${fix.replaceAll('<image>', () => printable(name))}`),
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
