import {Args} from '@oclif/core'
import {BaseCommand} from '../lib/cli/base-command.ts'
import {completionScript, SHELLS} from '../lib/cli/completion/scripts.ts'

export default class Completion extends BaseCommand {
  static override summary = 'Print a completion script for a shell.'
  static override description = `The script is complete in itself: commands, flags and their fixed values. It starts nothing and reads no file.
Print it again after an update.`
  static override examples = [
    {description: 'In bash, for this shell and (in ~/.bashrc) for all:', command: 'source <(<%= config.bin %> <%= command.id %> bash)'},
    {description: 'In zsh:', command: '<%= config.bin %> <%= command.id %> zsh > "${fpath[1]}/_<%= config.bin %>"'},
    {description: 'In fish:', command: '<%= config.bin %> <%= command.id %> fish > ~/.config/fish/completions/<%= config.bin %>.fish'},
  ]
  static override args = {shell: Args.string({description: 'which shell', required: true, options: SHELLS})}
  static override flags = {}

  async run(): Promise<{shell: string; script: string}> {
    const {args} = await this.parse(Completion)
    const {shell} = args
    const script = completionScript(shell, this.config.bin, this.config.commands)
    this.print(script)
    return this.conclude({shell, script}, 0)
  }
}
