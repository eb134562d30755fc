import {Args} from '@oclif/core'
import {BaseCommand} from '../lib/cli/base-command.ts'
import {bashScript} from '../lib/cli/completion/bash.ts'
import {fishScript} from '../lib/cli/completion/fish.ts'
import {completionPlaces} from '../lib/cli/completion/model.ts'
import type {Script} from '../lib/cli/completion/script.ts'
import {zshScript} from '../lib/cli/completion/zsh.ts'
import {AppError, EXIT} from '../lib/errors.ts'

const SHELLS: ReadonlyMap<string, Script> = new Map([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
])

export default class Completion extends BaseCommand {
  static override summary = 'Print a completion script for a shell.'
  static override description = `The script is complete in itself: commands, flags and their fixed values. It starts nothing and reads no file.
Print it again after an update.`
  static override examples = [
    {description: 'In bash, for this shell and (in ~/.bashrc) for all:', command: 'source <(<%= config.bin %> <%= command.id %> bash)'},
    {description: 'In zsh:', command: '<%= config.bin %> <%= command.id %> zsh > "${fpath[1]}/_<%= config.bin %>"'},
    {description: 'In fish:', command: '<%= config.bin %> <%= command.id %> fish > ~/.config/fish/completions/<%= config.bin %>.fish'},
  ]
  static override args = {shell: Args.string({description: 'which shell', required: true, options: [...SHELLS.keys()]})}
  static override flags = {}

  async run(): Promise<{shell: string; script: string}> {
    const {args} = await this.parse(Completion)
    const {shell} = args
    const write = SHELLS.get(shell)
    if (write === undefined) throw new AppError('usage.flag', `there is no script for ${shell}`)
    const script = write(this.config.bin, completionPlaces(this.config.commands))
    this.print(script)
    return this.conclude({shell, script}, EXIT.ok)
  }
}
