import chalk from 'chalk'
import type {AuditLogResult} from '../../actions/admission/reconcile-audit-log.ts'
import {EXIT} from '../../errors.ts'
import {MARKS} from './marks.ts'
import {printable} from './printable.ts'
import {quantity} from './quantity.ts'
import {differenceLines, faultLines, footer} from './reconcile.ts'
import {textTable} from './text-table.ts'

const HEADINGS = ['time', 'refused', 'reasons', 'asked by', 'behind it']
/** Rows; --json has all. */
const SHOWN = 50

/** @param width characters a line */
export function renderAuditLog(result: AuditLogResult, width = 100): string {
  const {events, letIn, refused, unverified, onlyEvidence, cluster, requests, differences, exitCode, window, record} = result
  const kept = requests.filter(({decision}) => decision === 'refused')
  const counts = [
    `${quantity(letIn, 'request')} let in by a record`,
    `${refused} refused by one`,
    `${unverified.open} that nobody let in`,
    ...(unverified.explained > 0 ? [`${unverified.explained} explained`] : []),
  ]
  return [
    `${exitCode === EXIT.ok ? MARKS.verified : MARKS.failed} ${chalk.bold(quantity(events, 'event'))} of ${printable(cluster)}: ${counts.join(', ')}`,
    ...(onlyEvidence > 0 ? [`  ${quantity(onlyEvidence, 'pod')} let in and never made: the reply was lost`] : []),
    ...faultLines(result),
    ...differenceLines(differences, width),
    ...(kept.length === 0
      ? []
      : [
          '',
          textTable(
            HEADINGS,
            kept
              .slice(0, SHOWN)
              .map(({time, namespace, name, reasons = [], user, arn, person}) => [
                time.slice(0, 19),
                printable(`${namespace}/${name ?? '(unnamed)'}`),
                reasons.join(', '),
                printable(`${user}${arn === undefined ? '' : ` (${arn})`}`),
                person === undefined ? '' : printable(`${person.user}${person.arn === undefined ? '' : ` (${person.arn})`}: ${person.verb} ${person.what}`),
              ]),
            width,
          ),
        ]),
    '',
    footer({source: 'audit-log', window, record}),
  ].join('\n')
}
