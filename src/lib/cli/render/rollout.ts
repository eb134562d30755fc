import chalk from 'chalk'
import type {RolloutResult} from '../../actions/admission/plan-rollout.ts'
import {MARKS} from './marks.ts'
import {printable} from './printable.ts'

export function renderRollout({file, namespaces, mode, enforceOn, changed, rollout, sha256}: RolloutResult): string {
  const names = printable(namespaces.join(', '))
  const what = mode === 'warn' ? `refusals only warn in ${names} until ${enforceOn}, and count from that day on` : `refusals count in ${names}`
  return [
    `${MARKS.verified} ${what}${changed ? '' : '; it said so already, and nothing changed'}`,
    `  written  ${printable(file)} ${chalk.dim(`sha256:${sha256}`)}`,
    ...rollout.map((entry) => `  warns    ${printable(entry.namespaces.join(', '))} until ${entry['enforce-on']}`),
    ...(changed ? [`  ${chalk.cyan('→')} It counts once the provider has this file: review it, and roll it out.`] : []),
  ].join('\n')
}
