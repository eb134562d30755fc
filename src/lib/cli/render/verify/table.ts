import chalk from 'chalk'
import type {VerifyResult} from '../../../actions/verify/record-verdict.ts'
import {imageLines} from '../image-name.ts'
import type {Check} from '../../../policy/model.ts'
import {MARKS, WORDS} from '../marks.ts'
import {paragraph, printable} from '../printable.ts'

const WIDTH = 100

export function renderVerify(result: VerifyResult): string {
  return [verdictLine(result), ...imageLines(result.repository ?? result.image, result.digest), verdictBody(result)].join('\n')
}

/** @param step stands before it, in a list of steps */
export function verdictLine({verdict}: VerifyResult, step = ''): string {
  return `${MARKS[verdict]} ${step}${chalk.bold(WORDS[verdict])}`
}

/** Every check, what to type, and by what it was judged. */
export function verdictBody({checks, environment, policy, asOf, record, attestation}: VerifyResult): string {
  const width = Math.max(...checks.map(({name}) => name.length))
  const fixes = [...new Set(checks.flatMap(({state, fix}) => (fix === undefined || state === 'verified' ? [] : [fix])))]
  return [
    ...checks.flatMap((check) => checkLines(check, width)),
    ...fixes.map((fix) => `  ${chalk.cyan('→')} ${fix}`),
    ...(attestation === undefined ? [] : [chalk.dim(`  attested in ${attestation.manifest}`)]),
    chalk.dim(
      `  policy ${environment} sha256:${policy.slice(0, 12)}…  as of ${asOf.slice(0, 19)}Z  ${record === undefined ? 'not recorded' : `record ${record}`}`,
    ),
  ].join('\n')
}

function checkLines({name, state, message, reason}: Check, width: number): string[] {
  const text = printable(`${message}${reason === undefined ? '' : ` (${reason})`}`)
  const [first = '', ...rest] = paragraph(`    ${name.padEnd(width)}  `, text, WIDTH)
  return [`  ${MARKS[state]} ${first.slice(4)}`, ...rest]
}
