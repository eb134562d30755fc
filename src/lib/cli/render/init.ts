import chalk from 'chalk'
import type {InitResult} from '../../actions/project/init-project.ts'
import {MARKS, shortDigest} from './marks.ts'

export function renderInit({file, replaced, system, environment, key, sealing, ignored, next}: InitResult): string {
  return [
    `${MARKS.verified} ${replaced ? 'replaced' : 'wrote'} ${file}`,
    `  system       ${system}`,
    `  environment  ${environment}${key === undefined ? chalk.yellow(': lets nothing pass yet, because there is no key to trust') : ''}`,
    ...(key === undefined ? [] : [`  key          ${shortDigest(key.spki)}  ${key.publicKey}${key.made ? ' (new)' : ''}`]),
    ...(key?.made === true && key.privateKey !== undefined
      ? [`               ${key.privateKey} (new, readable by you alone; keep a copy in a safe place)`]
      : []),
    ...(sealing === undefined ? [] : [`  sealing      as ${sealing.origin}  ${sealing.publicKey}${sealing.made ? ' (new)' : ''}`]),
    ...(sealing?.made === true && sealing.privateKey !== undefined ? [`               ${sealing.privateKey} (new, likewise)`] : []),
    ...(ignored.length > 0 ? [`  .gitignore   now holds ${ignored.join(', ')}`] : []),
    '',
    'Next:',
    ...next.map((command) => `  ${chalk.cyan('→')} ${command}`),
  ].join('\n')
}
