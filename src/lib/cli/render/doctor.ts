import chalk from 'chalk'
import type {Diagnosis} from '../../actions/project/diagnose.ts'
import type {Check} from '../../actions/project/diagnosis.ts'
import {MARKS, shortDigest} from './marks.ts'
import {paragraph, printable} from './printable.ts'

const WIDTH = 100
const NAME_WIDTH = 17

/** The word stands beside the mark: colour and sign only help. */
const STATES = {
  ok: `${MARKS.verified} ok             `,
  warn: `${chalk.yellow('!')} ${chalk.yellow('warn           ')}`,
  missing: `${MARKS.missing} ${chalk.red('missing        ')}`,
  wrong: `${MARKS.failed} ${chalk.red('wrong          ')}`,
  'could-not-check': `${MARKS['could-not-check']} ${chalk.yellow('could not check')}`,
} as const
const STATE_WIDTH = 18

export function renderDoctor({checks}: Diagnosis): string {
  const counted = (state: Check['state'], words: string) => {
    const {length} = checks.filter((check) => check.state === state)
    return length === 0 ? [] : [`${length} ${words}`]
  }
  const amiss = [...counted('missing', 'missing'), ...counted('wrong', 'wrong'), ...counted('could-not-check', 'could not be checked')]
  const sum = [...(amiss.length > 0 ? amiss : ['nothing that is needed is missing']), ...counted('warn', 'to know about')]
  return [...checks.flatMap(lines), '', sum.join(', ')].join('\n')
}

function lines({name, state, message, fix, facts}: Check): string[] {
  const indent = ' '.repeat(STATE_WIDTH + NAME_WIDTH)
  const said = message.split('\n').flatMap((line) => paragraph(indent, printable(line), WIDTH))
  const [first = '', ...rest] = said.map((line) => line.slice(indent.length))
  const digest = facts?.['sha256']
  return [
    `${STATES[state]} ${printable(name).padEnd(NAME_WIDTH)}${first}`,
    ...rest.map((line) => `${indent}${line}`),
    ...(typeof digest === 'string' && state === 'ok' ? [chalk.dim(`${indent}${shortDigest(`sha256:${digest}`)}`)] : []),
    ...(fix === undefined ? [] : paragraph(`${indent}→ `, printable(fix), WIDTH).map((line) => chalk.cyan(line))),
  ]
}
