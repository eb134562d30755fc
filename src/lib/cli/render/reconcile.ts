import chalk from 'chalk'
import type {Difference} from '../../admission/reconciled-difference.ts'
import type {ReconcileResult} from '../../actions/admission/reconcile-cluster.ts'
import {EXIT} from '../../errors.ts'
import {MARKS} from './marks.ts'
import {printable} from './printable.ts'
import {quantity} from './quantity.ts'
import {textTable} from './text-table.ts'

const HEADINGS = ['time', 'what', 'difference', 'more']
/** Rows; --json has all. */
const SHOWN = 100

/** @param width characters a line */
export function renderReconcile(result: ReconcileResult, width = 100): string {
  const {pods, letIn, unverified, onlyEvidence, differences, cluster, source, window, exitCode} = result
  const ways = [
    `${letIn.verified} verified`,
    ...(letIn.warned > 0 ? [`${letIn.warned} only warned about`] : []),
    ...(letIn.exempted > 0 ? [`${letIn.exempted} by exemption`] : []),
    `${unverified.open} that nobody let in`,
    ...(unverified.explained > 0 ? [`${unverified.explained} in namespaces that are exempt`] : []),
  ]
  return [
    `${exitCode === EXIT.ok ? MARKS.verified : MARKS.failed} ${chalk.bold(quantity(pods, 'pod'))} on ${printable(cluster)}: ${ways.join(', ')}`,
    ...(onlyEvidence > 0 ? [`  ${quantity(onlyEvidence, 'pod')} let in and not there: they came and went, or the reply was lost`] : []),
    ...faultLines(result),
    ...differenceLines(differences, width),
    '',
    footer({source, window, record: result.record}),
  ].join('\n')
}

export function faultLines({incomplete, unreadable}: {readonly incomplete: readonly string[]; readonly unreadable: readonly string[]}): string[] {
  return [
    ...incomplete.map((why) => `${MARKS['could-not-check']} incomplete: ${why}`),
    ...(unreadable.length > 0
      ? [`${MARKS.failed} ${quantity(unreadable.length, 'record')} cannot be read, and may be about any pod: hipaa-ci evidence verify`]
      : []),
  ]
}

/** Open ones first; what only says that a pod is gone is counted, not listed. */
export function differenceLines(differences: readonly Difference[], width: number): string[] {
  const listed = differences.filter(({reason}) => reason !== 'no-pod').toSorted((a, b) => Number(b.open) - Number(a.open))
  if (listed.length === 0) return []
  const more = listed.length - SHOWN
  return ['', textTable(HEADINGS, listed.slice(0, SHOWN).map(row), width), ...(more > 0 ? [chalk.dim(`and ${more} more: --json has them all`)] : [])]
}

export function footer({source, window, record}: {source: string; window: {from: string; to: string}; record: string | undefined}): string {
  return chalk.dim(`${source}  ${window.from} to ${window.to}  ${record === undefined ? 'not recorded' : `record ${record}`}`)
}

function row(one: Difference): string[] {
  const {time, what, reason, causes = [], image, runs, user, arn, verb, says} = one
  const more = [
    ...(causes.length > 0 ? [`plausible: ${causes.join(', ')}`] : []),
    ...(verb === undefined ? [] : [verb]),
    ...(user === undefined ? [] : [`by ${user}${arn === undefined ? '' : ` (${arn})`}`]),
    ...(image === undefined ? [] : [`image ${image}`]),
    ...(runs === undefined ? [] : [`runs ${runs}`]),
    ...(says === undefined ? [] : [says]),
  ]
  return [time.slice(0, 19), printable(what), one.open ? reason : `${reason} (not open)`, printable(more.join('; '))]
}
