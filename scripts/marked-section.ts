/** Puts the exit table between its two marks in a Markdown text. Pure. */
import {exitTable} from './error-tables.ts'

const BEGIN = '<!-- exit codes: written by npm run docs -->'
const END = '<!-- /exit codes -->'

/** @throws Error where the marks are not there, or not once */
export function withExitTable(markdown: string): string {
  const parts = markdown.split(BEGIN)
  const rest = parts[1]?.split(END)
  if (parts.length !== 2 || rest?.length !== 2) throw new Error(`expected "${BEGIN}" and "${END}" once each`)
  return `${parts[0]}${BEGIN}\n\n${exitTable()}\n\n${END}${rest[1]}`
}
