/** Puts an answer where it was asked for, in the format it was asked for; the block that proves it is never left behind. */
import process from 'node:process'
import type {Answer} from '../actions/query/answer-query.ts'
import {renderCsv} from './render/query-csv.ts'
import {renderAnswer, renderIpe} from './render/query.ts'
import {writeOutput} from './write-output.ts'

export interface AnswerOutput {
  /** `table`, `csv` or `json`. */
  readonly format: string
  readonly out: string | undefined
  readonly print: (text: string) => void
}

/** Characters: where a line may be as long as it likes, and what a terminal is taken to have at least. */
const WIDE = 160
const NARROW = 100

/** @throws AppError `usage.flag` where the file cannot be written */
export async function printAnswer(answer: Answer, {format, out, print}: AnswerOutput): Promise<void> {
  const text = format === 'json' ? `${JSON.stringify(answer, undefined, 2)}\n` : format === 'csv' ? renderCsv(answer) : renderAnswer(answer, tableWidth(out))
  if (out === undefined) {
    print(text)
    if (format === 'csv') process.stderr.write(`${renderIpe(answer.ipe)}\n`)
    return
  }
  // The proof first: a CSV without it could not be told from somebody's own.
  if (format === 'csv') await writeOutput(`${out}.ipe.json`, `${JSON.stringify({ipe: answer.ipe, columns: answer.columns}, undefined, 2)}\n`)
  await writeOutput(out, format === 'table' ? `${text}\n` : text)
  print(`${out}: ${answer.ipe.rows} rows\n\n${renderIpe(answer.ipe)}`)
}

function tableWidth(out: string | undefined): number {
  return out === undefined && process.stdout.isTTY ? Math.max(NARROW, process.stdout.columns) : WIDE
}
