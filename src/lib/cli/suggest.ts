/** What a mistyped word most likely meant. Pure. */
import {nearestName} from '../config/nearest-name.ts'

/** The nearest of `candidates`; also the one that `word` is the beginning of, where there is only one. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const names = [...candidates]
  const longer = word.length > 1 ? names.filter((name) => name.startsWith(word)) : []
  return nearestName(word, names) ?? (longer.length === 1 ? longer[0] : undefined)
}

/**
 * The command that was meant, `evidence verify`.
 * @param words as typed, without flags; what follows the command may be arguments
 * @param commands with spaces
 */
export function suggestCommand(words: readonly string[], commands: readonly string[]): string | undefined {
  const [first = '', second] = words
  const firsts = [...new Set(commands.map((command) => command.split(' ')[0] ?? ''))]
  const start = firsts.includes(first) ? first : suggest(first, firsts)
  if (start === undefined) {
    // `ls` for `evidence ls`.
    const inside = commands.filter((command) => command.endsWith(` ${first}`))
    return inside.length === 1 ? inside[0] : undefined
  }
  if (commands.includes(start) || second === undefined) return start
  const below = commands.flatMap((command) => (command.startsWith(`${start} `) ? [command.slice(start.length + 1)] : []))
  const next = suggest(second, below)
  return next === undefined ? start : `${start} ${next}`
}
