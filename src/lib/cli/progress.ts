/** Talk on stderr: a line per step. On a terminal the running step is replaced when the next begins. */
import process from 'node:process'
import chalk from 'chalk'
import type {Progress} from '../ports.ts'

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  return {
    step: (text) => void stream.write(`${chalk.cyan('›')} ${text}\n`),
    note: (text) => void stream.write(`  ${chalk.dim(text)}\n`),
  }
}
