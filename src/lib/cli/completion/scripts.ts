/** Which shells there are scripts for. */
import {AppError} from '../../errors.ts'
import {bashScript} from './bash.ts'
import {fishScript} from './fish.ts'
import {completionPlaces, type DescribedCommand} from './model.ts'
import type {Script} from './script.ts'
import {zshScript} from './zsh.ts'

const SCRIPTS: ReadonlyMap<string, Script> = new Map([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
])

export const SHELLS: string[] = [...SCRIPTS.keys()]

/** @throws AppError `usage.flag` for another shell */
export function completionScript(shell: string, bin: string, commands: readonly DescribedCommand[]): string {
  const write = SCRIPTS.get(shell)
  if (write === undefined) throw new AppError('usage.flag', `there is no script for ${shell}, only for ${SHELLS.join(', ')}`)
  return write(bin, completionPlaces(commands))
}
