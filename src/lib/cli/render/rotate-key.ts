import chalk from 'chalk'
import type {RotateResult} from '../../actions/keys/rotate-key.ts'
import {MARKS, shortDigest} from './marks.ts'
import {printable} from './printable.ts'

export function renderRotation({file, day, environments, added, retired, compromised, changed, pending, ignored, records}: RotateResult): string {
  const last = pending ? `until ${day}` : 'retired'
  return [
    `${MARKS.verified} ${changed ? `changed ${printable(file)}` : 'the file says so already; nothing changed'}`,
    ...(added === undefined
      ? []
      : [`  new      ${shortDigest(added.spki)}${added.from === undefined ? '' : `  from ${added.from}`}  ${printable(added.file)}`]),
    ...(added === undefined || pending ? [] : [`  signs    ${printable(added.reference)}`]),
    ...(retired === undefined || retired === compromised ? [] : [`  old      ${shortDigest(retired)}  ${last}`]),
    ...(compromised === undefined ? [] : [`  never    ${shortDigest(compromised)}  compromised`]),
    `  in       ${environments.join(', ')}`,
    ...(ignored === undefined ? [] : [`  ignored  ${printable(ignored.lines.join(', '))}, in ${printable(ignored.file)}`]),
    ...records.map(({action, record}) => `  record   ${record ?? chalk.yellow('not recorded')}  ${action}`),
    ...(pending ? [`\nThe old key goes on signing until ${day}. On that day run the same again.`] : []),
  ].join('\n')
}
