/** A verdict as Markdown, for a pull request or a job summary. */
import type {VerifyResult} from '../../../actions/verify/record-verdict.ts'
import {WORDS} from '../marks.ts'
import {shown, type ShownCheck} from './shown.ts'

const SIGNS = {verified: '✅', failed: '❌', missing: '⚠️', 'could-not-check': '❓', 'not-required': '➖', 'not-checked': '➖'} as const

export function verifyMarkdown(result: VerifyResult): string {
  const {subject, verdict, checks, ground} = shown(result)
  return [
    `### ${SIGNS[result.verdict]} ${verdict}: ${code(subject)}`,
    '',
    '| check | state | reason | what was found | what to do |',
    '|---|---|---|---|---|',
    ...checks.map(row),
    '',
    escape(ground),
    '',
  ].join('\n')
}

function row({name, state, reason, message, fix}: ShownCheck): string {
  return `| ${name} | ${SIGNS[state]} ${WORDS[state]} | ${reason === undefined ? '' : code(reason)} | ${escape(message)} | ${fix === undefined ? '' : toDo(fix)} |`
}

/** What is to be typed stands in code spans: between backticks, or from `hipaa-ci` at the start or after a colon on. */
function toDo(fix: string): string {
  return fix
    .split(/(`[^`]+`|(?<=^|: )hipaa-ci .+$)/)
    .map((piece, at) => (at % 2 === 0 ? escape(piece) : code(piece.replaceAll('`', ''))))
    .join('')
}

/** Whatever could begin something is written by its number: no link, picture, tag, mention, emoji or cell. Addresses are not made into links. */
const BEGINS = /(?<=www)\.|(?<!sha256):(?!\s|$)|[^\p{L}\p{N} .,;:…→/()-]/giu

function escape(text: string): string {
  return text.replaceAll(BEGINS, (character) => `&#${character.codePointAt(0) ?? 0xfffd};`)
}

/** A code span, also within a table: entities mean nothing there, so it is a tag. */
function code(text: string): string {
  return `<code>${escape(text)}</code>`
}
