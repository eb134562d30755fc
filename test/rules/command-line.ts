/** Whether a `hipaa-ci …` line that somebody is told to type could be typed: the command is there, and so is every flag. */
import type {Command} from '../../scripts/manifest.ts'

const PROGRAM = 'hipaa-ci'

/** Every `hipaa-ci …` in a line of shell, without what follows it behind a pipe, `&&`, `;`, a redirection or a comment. */
export function commandLines(text: string): string[] {
  return text
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .flatMap((line) => line.replace(/(^|\s)#.*$/, '').split(/\s(?:&&|\|\||[|;>])\s|\$\(/))
    .map((part) => part.trim().replace(/^(?:[A-Z_]+=\S*\s+|\$\s+|npx\s+|\(|!\s+|time\s+|if\s+)*/, ''))
    .filter((part) => part === PROGRAM || part.startsWith(`${PROGRAM} `))
}

/**
 * @param whole also count the arguments: false for a command that is only mentioned
 * @returns what is wrong with it, or undefined
 */
export function commandFault(line: string, commands: ReadonlyMap<string, Command>, whole: boolean): string | undefined {
  const words = wordsOf(line).slice(1)
  if (words.length === 0 || ['--help', '--version', 'help'].includes(words[0] ?? '')) return undefined
  const length = words.findLastIndex((_word, at) => commands.has(words.slice(0, at + 1).join(':'))) + 1
  const command = commands.get(words.slice(0, length).join(':'))
  if (command === undefined) return topicOf(words, commands, whole) ? undefined : `${line}: there is no command ${words[0]}`
  return flagFault(line, command, words.slice(length), whole)
}

function topicOf(words: readonly string[], commands: ReadonlyMap<string, Command>, whole: boolean): boolean {
  return !whole && words.length === 1 && [...commands.keys()].some((id) => id.startsWith(`${words[0]}:`))
}

function flagFault(line: string, command: Command, words: readonly string[], whole: boolean): string | undefined {
  const flags = Object.values(command.flags)
  let args = 0
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '--help') return undefined
    if (!/^-[-a-zA-Z]/.test(word)) {
      args++
      continue
    }
    const [name = '', inline] = word.split('=', 2)
    const flag = flags.find((each) => name === `--${each.name}` || name === `-${each.char}` || (each.allowNo === true && name === `--no-${each.name}`))
    if (flag === undefined) return `${line}: ${command.id} knows no flag ${name}`
    if (flag.type === 'boolean') continue
    const value = inline ?? words[++at]
    if (value === undefined) return whole ? `${line}: ${name} wants a value` : undefined
    if (flag.options !== undefined && /^[a-z]/.test(value) && !flag.options.includes(value)) return `${line}: ${name} knows no ${value}`
  }
  if (!whole) return undefined
  const wanted = Object.values(command.args).filter(({required}) => required === true).length
  if (args < wanted) return `${line}: wants ${wanted} arguments and has ${args}`
  if (command.strict && args > Object.keys(command.args).length) return `${line}: takes ${Object.keys(command.args).length} arguments and has ${args}`
  return undefined
}

/** Words as a shell takes them, as far as our examples go: quotes keep blanks. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:[^\s'"]+|'[^']*'|"[^"]*")+/g)].map(([word]) => word.replaceAll(/['"]/g, ''))
}
