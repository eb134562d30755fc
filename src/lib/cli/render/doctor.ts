import chalk from 'chalk'
import type {Diagnosis} from '../../actions/diagnose.ts'
import type {Check} from '../../actions/diagnosis.ts'
import {MARKS, shortDigest} from './marks.ts'
import {paragraph, printable} from './printable.ts'

const WIDTH = 100
const NAME_WIDTH = 17

/** The word stands beside the mark: colour and sign only help. */
const STATES = {
  ok: `${MARKS.verified} ok     `,
  warn: `${chalk.yellow('!')} ${chalk.yellow('warn   ')}`,
  missing: `${MARKS.failed} ${chalk.red('missing')}`,
} as const
const STATE_WIDTH = 10

export function renderDoctor({checks}: Diagnosis): string {
  const amiss = (state: Check['state']) => checks.filter((check) => check.state === state).length
  const [missing, warnings] = [amiss('missing'), amiss('warn')]
  const sum = missing > 0 ? `${missing} missing` : 'nothing that is needed is missing'
  return [...checks.flatMap(lines), '', `${sum}${warnings > 0 ? `, ${warnings} to know about` : ''}`].join('\n')
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
