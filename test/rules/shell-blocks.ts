/**
 * The fenced shell blocks of a Markdown text.
 *
 * A block opened by ```` ```sh run ```` is really run by `test/readme.test.ts`; `sh run fresh` begins in a new empty folder,
 * else the blocks of one file go on where the last one ended. At the end of a line `# exits N` says how it has to
 * end (default 0); any other comment is prose. A backslash or a here-document joins lines.
 */

export interface ShellCommand {
  readonly text: string
  readonly exit: number
  /** Line in the Markdown, from 1. */
  readonly line: number
}

export interface ShellBlock {
  readonly run: boolean
  readonly fresh: boolean
  readonly text: string
  readonly commands: readonly ShellCommand[]
}

export function shellBlocks(markdown: string): ShellBlock[] {
  return [...markdown.matchAll(/^```sh((?: \w+)*)[ \t]*\n([^]*?)^```[ \t]*$/gm)].map(({0: whole, 1: words = '', 2: text = '', index}) => {
    const first = markdown.slice(0, index).split('\n').length + 1
    const marks = words.trim().split(' ')
    const unknown = marks.find((mark) => !['', 'run', 'fresh'].includes(mark))
    if (unknown !== undefined) throw new Error(`line ${first - 1}: a shell block cannot be "${unknown}": ${whole.split('\n', 1)[0]}`)
    return {run: marks.includes('run'), fresh: marks.includes('fresh'), text, commands: commandsOf(text.split('\n'), first)}
  })
}

function commandsOf(lines: readonly string[], first: number): ShellCommand[] {
  const commands: ShellCommand[] = []
  for (let at = 0; at < lines.length; at++) {
    const from = at
    let text = lines[at] ?? ''
    if (/^\s*(#.*)?$/.test(text)) continue
    while (text.endsWith('\\') && at + 1 < lines.length) text = `${text}\n${lines[++at]}`
    const document = /<<-?\s*(['"]?)(\w+)\1/.exec(text)?.[2]
    if (document !== undefined) while (lines[at] !== document && at + 1 < lines.length) text = `${text}\n${lines[++at]}`
    commands.push({text, exit: Number(/#\s*exits (\d+)\b[^\n]*$/.exec(text)?.[1] ?? 0), line: first + from})
  }
  return commands
}
