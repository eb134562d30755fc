/** `bench/RESULTS.md`: one part for each bench, which replaces its own and leaves the others. */
import {existsSync, readFileSync, writeFileSync} from 'node:fs'

const PAGE = new URL('RESULTS.md', import.meta.url)

/** @param part Markdown that begins with its title, `# Start-up` */
export function keepResult(part: string): void {
  const title = titleOf(part)
  const parts = existsSync(PAGE) ? readFileSync(PAGE, 'utf8').split(/^(?=# )/m) : []
  const kept = parts.some((each) => titleOf(each) === title) ? parts.map((each) => (titleOf(each) === title ? part : each)) : [...parts, part]
  writeFileSync(PAGE, `${kept.map((each) => each.trim()).join('\n\n')}\n`)
}

function titleOf(part: string): string {
  return part.split('\n', 1)[0] ?? ''
}
