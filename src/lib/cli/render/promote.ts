import chalk from 'chalk'
import type {PromoteResult} from '../../actions/promote/promote-image.ts'
import type {PromotionTag} from '../../actions/promote/promotion-tags.ts'
import {imageLines} from './image-name.ts'
import {MARKS, shortDigest} from './marks.ts'
import {printable} from './printable.ts'
import {renderVerify} from './verify/table.ts'

export function renderPromote(result: PromoteResult): string {
  const {promoted, environment, verification} = result
  if (!promoted) return [`${MARKS.failed} not promoted to ${environment}`, renderVerify(verification)].join('\n')
  const what = result.changed ? `promoted to ${environment}` : `was promoted to ${environment} so already; nothing changed`
  const approvals = result.approvals.map(({person}) => person).join(', ')
  return [
    `${MARKS.verified} ${what}`,
    ...imageLines(result.to, result.digest),
    `  from     ${printable(result.from)}`,
    ...(approvals === '' ? [] : [`  approved ${printable(approvals)}`]),
    ...('spki' in result.signer ? [`  key      ${shortDigest(result.signer.spki)}`] : []),
    ...result.tags.map((tag) => `  tag      ${tagText(tag, result.digest)}`),
    `  record   ${result.record ?? chalk.yellow('not recorded')}`,
  ].join('\n')
}

function tagText({tag, was}: PromotionTag, digest: string): string {
  if (was === undefined) return tag
  return was === digest ? `${tag} (was there)` : `${tag} (moved from ${shortDigest(was)})`
}
