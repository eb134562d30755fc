/** Talk on stderr: a line per step. Long digests are cut: whoever needs one finds it in the result. */
import process from 'node:process'
import chalk from 'chalk'
import type {Progress} from '../ports/context.ts'
import {printableLines} from './render/printable.ts'

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  return {
    step: (text) => void stream.write(`${chalk.cyan('›')} ${cut(text)}\n`),
    note: (text) => void stream.write(`  ${chalk.dim(cut(text))}\n`),
  }
}

function cut(text: string): string {
  return printableLines(text).replaceAll(/\b(sha256:[0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…')
}
