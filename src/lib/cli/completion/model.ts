/** What a shell is told of the commands: words, flags, fixed values. Pure. */

/** As much of oclif's own description of a command as is read here. */
export interface DescribedCommand {
  readonly id: string
  readonly summary?: string | undefined
  readonly hidden?: boolean | undefined
  readonly flags: Readonly<Record<string, DescribedFlag>>
  readonly args: Readonly<Record<string, {readonly options?: readonly string[] | undefined}>>
}

interface DescribedFlag {
  readonly name: string
  readonly type: 'boolean' | 'option'
  readonly char?: string | undefined
  readonly summary?: string | undefined
  readonly description?: string | undefined
  readonly hidden?: boolean | undefined
  readonly options?: readonly string[] | undefined
  readonly allowNo?: boolean | undefined
}

export interface FlagWord {
  /** Without dashes. */
  readonly name: string
  readonly char?: string
  readonly about: string
  /** Whether a value follows it. */
  readonly takesValue: boolean
  /** The values that it takes; empty where they are not fixed. */
  readonly values: readonly string[]
}

/** A place on the command line, after the words of a command or of a group of commands. */
export interface Place {
  /** `evidence verify`; empty at the start. */
  readonly path: string
  /** What may follow: commands, groups, fixed arguments. */
  readonly words: readonly {readonly word: string; readonly about: string}[]
  readonly flags: readonly FlagWord[]
  /** Whether file names may follow. */
  readonly files: boolean
}

const HELP: FlagWord = {name: 'help', about: 'Show help', takesValue: false, values: []}

/** Places in the order of their paths, the start first. */
export function completionPlaces(commands: readonly DescribedCommand[]): Place[] {
  const shown = commands.filter(({hidden}) => hidden !== true).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const paths = new Set(shown.flatMap(({id}) => id.split(':').map((_, index, words) => words.slice(0, index).join(' '))))
  const groups = Array.from(paths, (path): Place => {
    const below = path === '' ? [] : path.split(' ')
    const words = new Map<string, string>()
    for (const {id, summary} of shown) {
      const parts = id.split(':')
      const word = parts[below.length]
      if (word === undefined || below.some((part, index) => parts[index] !== part)) continue
      if (parts.length === below.length + 1) words.set(word, summary ?? '')
      else if (!words.has(word)) words.set(word, `commands on ${word}`)
    }
    return {
      path,
      words: Array.from(words, ([word, about]) => ({word, about})),
      flags: path === '' ? [HELP, {...HELP, name: 'version', about: 'Show the version'}] : [HELP],
      files: false,
    }
  })
  return [...groups, ...shown.map(placeOf)].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

function placeOf({id, flags, args}: DescribedCommand): Place {
  const fixed = Object.values(args).flatMap(({options}) => options ?? [])
  return {
    path: id.replaceAll(':', ' '),
    words: fixed.map((word) => ({word, about: ''})),
    flags: [
      ...Object.values(flags)
        .filter(({hidden}) => hidden !== true)
        .flatMap(flagWords),
      HELP,
    ],
    files: Object.keys(args).length > 0 && fixed.length === 0,
  }
}

function flagWords({name, type, char, summary, description, options, allowNo}: DescribedFlag): FlagWord[] {
  const about = (summary ?? description ?? '').split('\n')[0] ?? ''
  const flag = {name, about, takesValue: type === 'option', values: options ?? [], ...(char !== undefined && {char})}
  return allowNo === true ? [flag, {...flag, name: `no-${name}`}] : [flag]
}
