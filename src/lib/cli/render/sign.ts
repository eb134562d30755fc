import chalk from 'chalk'
import type {SignResult} from '../../actions/sign/sign-image.ts'
import {imageLines} from './image-name.ts'
import {MARKS, shortDigest} from './marks.ts'

export function renderSign(result: SignResult): string {
  const what = result.signed ? 'signed' : 'was signed so already; nothing changed'
  return [
    `${MARKS.verified} ${what}`,
    ...imageLines(result.repository, result.digest),
    `  key      ${shortDigest(result.signer.spki)}`,
    ...(result.subjects.length > 1 ? [`  covers   the index and ${result.subjects.length - 1} platforms`] : []),
    `  record   ${result.record ?? chalk.yellow('not recorded')}`,
  ].join('\n')
}
