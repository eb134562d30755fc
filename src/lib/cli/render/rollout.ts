import chalk from 'chalk'
import type {RolloutResult} from '../../actions/admission/plan-rollout.ts'
import {MARKS} from './marks.ts'
import {printable} from './printable.ts'

export function renderRollout({file, namespaces, mode, enforceOn, changed, rollout, sha256, next}: RolloutResult): string {
  const names = printable(namespaces.join(', '))
  const what = mode === 'warn' ? `refusals only warn in ${names} until ${enforceOn}, and count from that day on` : `refusals count in ${names}`
  return [
    `${MARKS.verified} ${what}${changed ? '' : '; it said so already, and nothing changed'}`,
    `  ${changed ? 'written' : 'file   '}  ${printable(file)} ${chalk.dim(`sha256:${sha256}`)}`,
    ...rollout.map((entry) => `  warns    ${printable(entry.namespaces.join(', '))} until ${entry['enforce-on']}`),
    ...(changed ? ['', 'It counts once the provider has this file. Review it, and where a cluster is closed already bring it there:'] : []),
    ...next.map((line) => `  ${chalk.cyan('→')} ${printable(line)}`),
    ...(changed ? ["The provider's pods are replaced one after another and the canary's is; Gatekeeper, the webhook and the constraints go on."] : []),
  ].join('\n')
}
