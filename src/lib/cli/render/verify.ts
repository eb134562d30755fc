import chalk from 'chalk'
import type {VerifyResult} from '../../actions/verify-image.ts'
import {MARKS, WORDS} from './marks.ts'

export function renderVerify(result: VerifyResult): string {
  const {verdict, checks} = result
  const width = Math.max(...checks.map(({name}) => name.length))
  const lines = checks.map(
    ({name, state, message, reason}) => `  ${MARKS[state]} ${name.padEnd(width)}  ${message}${reason === undefined ? '' : chalk.dim(` (${reason})`)}`,
  )
  const fixes = [...new Set(checks.flatMap(({state, fix}) => (fix === undefined || state === 'verified' ? [] : [fix])))]
  return [
    `${MARKS[verdict]} ${chalk.bold(WORDS[verdict])}  ${result.repository ?? result.image}${result.digest === undefined ? '' : `@${result.digest}`}`,
    ...lines,
    ...fixes.map(
      (fix) =>
        `  ${chalk.cyan('→')} ${fix.replace('<image>', result.digest === undefined ? result.image : `${result.repository ?? result.image}@${result.digest}`)}`,
    ),
    chalk.dim(
      `  policy ${result.environment} sha256:${result.policy.slice(0, 12)}…  as of ${result.asOf}  ${result.recorded ? `record ${result.record ?? ''}` : 'not recorded'}`,
    ),
  ].join('\n')
}
