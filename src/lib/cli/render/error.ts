/** An error for people: what, which code, what to type. A stack only with DEBUG. */
import chalk from 'chalk'
import type {AppError} from '../../errors.ts'
import {printableLines} from './printable.ts'

export function errorText(error: AppError, debug: boolean): string {
  const lines = [`${chalk.red('✖')} ${printableLines(error.message)}`, `  ${chalk.dim(error.code)}`]
  for (const suggestion of error.suggestions) lines.push(`  ${chalk.cyan('→')} ${printableLines(suggestion)}`)
  if (debug) lines.push('', error.stack ?? '', ...causes(error))
  return `${lines.join('\n')}\n`
}

function causes(error: Error): string[] {
  const lines: string[] = []
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) lines.push(`caused by ${cause.stack ?? cause.message}`)
  return lines
}
