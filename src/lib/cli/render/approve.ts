import chalk from 'chalk'
import type {ApproveResult} from '../../actions/promote/approve-image.ts'
import {signerText} from '../../policy/signer-text.ts'
import {imageLines} from './image-name.ts'
import {MARKS} from './marks.ts'
import {printable} from './printable.ts'

export function renderApprove(result: ApproveResult): string {
  const {environment} = result
  const what = result.attached ? `approved for ${environment}` : `was approved for ${environment} so already; nothing changed`
  return [
    `${MARKS.verified} ${what}`,
    ...imageLines(result.repository, result.digest),
    `  by       ${printable(`${result.person}, ${signerText(result.signer)}`)}`,
    `  record   ${result.record ?? chalk.yellow('not recorded')}`,
  ].join('\n')
}
