/**
 * The command line as a contract: commands, arguments and flags, without the prose. Pure.
 *
 * Scripts and pipelines depend on these, so that a change to them has to be seen in review.
 */
import type {Command, Flag} from './manifest.ts'

export interface CommandShape {
  readonly args: readonly string[]
  readonly flags: readonly string[]
}

export function helpSnapshot(commands: ReadonlyMap<string, Command>): Record<string, CommandShape> {
  const ids = [...commands.keys()].toSorted()
  return Object.fromEntries(
    ids.flatMap((id) => {
      const command = commands.get(id)
      return command === undefined ? [] : [[id.replaceAll(':', ' '), shapeOf(command)]]
    }),
  )
}

function shapeOf({args, flags, strict}: Command): CommandShape {
  const named = Object.values(args).map(({name, required, options}) => {
    return `${name}${options === undefined ? '' : `=${options.join('|')}`}${required === true ? ' required' : ''}`
  })
  return {
    args: strict ? named : [...named, '…'],
    flags: Object.values(flags).map(flagShape).toSorted(),
  }
}

function flagShape({allowNo, char, default: value, multiple, name, options, required, type}: Flag): string {
  return [
    `--${allowNo === true ? '[no-]' : ''}${name}`,
    ...(char === undefined ? [] : [`-${char}`]),
    ...(type === 'option' ? [options === undefined ? 'VALUE' : options.join('|')] : []),
    ...(multiple === true ? ['several'] : []),
    ...(required === true ? ['required'] : []),
    ...(value === undefined || value === false ? [] : [`default ${JSON.stringify(value)}`]),
  ].join(' ')
}
