/** The tables of exit codes and reason codes as Markdown, out of `src/lib/errors.ts`. Pure. */
import {EXIT_MEANINGS, REASONS} from '../src/lib/errors.ts'

/** Code and meaning, for the README. */
export function exitTable(): string {
  return table(
    ['exit', 'meaning'],
    exits().map(([code, meaning]) => [`\`${code}\``, meaning]),
  )
}

/** The whole of `docs/errors.md`. */
export function errorsPage(): string {
  const sections = exits().flatMap(([exit, meaning]) => {
    const rows = Object.entries(REASONS).filter(([, reason]) => reason.exit === exit)
    if (rows.length === 0) return []
    const cells = rows.map(([code, reason]) => [`\`${code}\``, reason.meaning, reason.fix])
    return [`## Exit ${exit}\n\n${upperFirst(meaning)}.\n\n${table(['reason', 'meaning', 'what to do'], cells)}`]
  })
  return [HEAD, exitTable(), TAIL, ...sections].join('\n\n').concat('\n')
}

const HEAD = `# Exit codes and reason codes

<!-- Written by \`npm run docs\` from src/lib/errors.ts; a test holds them equal. -->

Every failure has a stable reason code, one sentence, and what to do about it. Scripts may match on both codes: under
\`--json\` they stand in \`error.code\` and \`error.exitCode\`, and a verdict carries them with each of its checks.`

const TAIL = `Where several hold, the first of 70, 2, 1, 5, 4, 3, 6 wins: a definite failure is never hidden by an outage, nor an outage
by something missing. *Could not check* is never a pass: it ends as 3, 4 or 5, by its cause.`

function exits(): [number, string][] {
  return Object.entries(EXIT_MEANINGS).map(([code, meaning]) => [Number(code), meaning])
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), `|${'---|'.repeat(head.length)}`, ...rows.map(row)].join('\n')
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(' | ')} |`
}

/** A bar would end the cell; `<image>` would be taken for a tag, except within backticks. */
function cell(text: string): string {
  const parts = text.replaceAll('|', '\\|').split('`')
  return parts.map((part, at) => (at % 2 === 0 ? part.replaceAll('<', '\\<') : part)).join('`')
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
