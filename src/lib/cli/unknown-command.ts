/** A command line that names no command: never help with exit 0, which a pipeline would take for work done. Pure. */
import {AppError} from '../errors.ts'
import {suggestCommand} from './suggest.ts'

export interface CommandLine {
  /** `hipaa-ci` */
  readonly bin: string
  /** What the parser took for a command, words joined by colons; undefined where nothing was typed. */
  readonly id: string | undefined
  /** What follows it. */
  readonly argv: readonly string[]
  /** Every command, words joined by colons. */
  readonly commandIds: readonly string[]
}

/** Undefined where the line names a command, asks for help on a group of commands, or is empty. */
export function unknownCommand({bin, id, argv, commandIds}: CommandLine): AppError | undefined {
  if (id === undefined || id === '--help' || id === '--version' || commandIds.includes(id)) return undefined
  const commands = commandIds.map((known) => known.replaceAll(':', ' '))
  const words = id.split(':')
  const below = commands.filter((command) => command.startsWith(`${words.join(' ')} `))
  if (below.length > 0) {
    if (argv.length === 0 || argv.includes('--help')) return undefined
    return new AppError('usage.flag', `${words.join(' ')} needs the name of a command first: ${below.map((command) => command.split(' ').at(-1)).join(', ')}`, {
      fix: `${bin} ${words.join(' ')} --help`,
    })
  }
  const [first = ''] = words
  const given = words.map((_, index) => words.slice(0, index + 1).join(' ')).findLast((start) => commands.includes(start))
  if (given !== undefined)
    return new AppError('usage.flag', `${given} takes no argument ${words.slice(given.split(' ').length).join(':')}`, {fix: `${bin} ${given} --help`})
  if (first === 'help') return refusal('help', `${bin}${argv.length > 0 || words.length > 1 ? ` ${words.slice(1).join(' ')}` : ''} --help`)
  if (first === 'version') return refusal('version', `${bin} --version`)
  if (first.startsWith('-')) return new AppError('usage.flag', `unknown flag ${first.replace(/=.*/s, '')} before the name of a command`, {fix: `${bin} --help`})
  const isGroup = commands.some((command) => command.startsWith(`${first} `))
  const typed = isGroup ? words.slice(0, 2).join(' ') : first
  const meant = suggestCommand(words, commands)
  if (meant === undefined || meant === first) return refusal(typed, `${bin}${isGroup ? ` ${first}` : ''} --help`)
  return refusal(typed, `${bin} ${meant}`, `; did you mean ${meant}?`)
}

function refusal(typed: string, fix: string, more = ''): AppError {
  return new AppError('usage.flag', `${typed === '' ? 'the name of the command is empty' : `unknown command ${typed}`}${more}`, {fix})
}
