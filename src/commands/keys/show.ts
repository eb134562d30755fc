import {Flags} from '@oclif/core'
import {showKeys, type ShowKeysResult} from '../../lib/actions/keys/show-keys.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {renderKeys} from '../../lib/cli/render/show-keys.ts'

export default class KeysShow extends BaseCommand {
  static override summary = 'Show every pinned key and until when it is trusted.'
  static override description = `Keys that sign, promote and approve, by environment, whether the one that this project signs with is among them, and
whose checkpoints of the log count.
Each file is held against its pin; one that does not fit is exit 2. Only the configured signing key is asked for, by Cosign
or its key service: \`verify\` never does that.`
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --environment production --json']
  static override flags = {
    environment: Flags.string({description: "only this environment's keys (default: all that are pinned anywhere)", helpValue: 'NAME'}),
  }

  async run(): Promise<ShowKeysResult> {
    const {flags} = await this.parse(KeysShow)
    const {environment} = flags
    const result = await showKeys({...(environment !== undefined && {environment})}, await this.context(flags))
    this.print(renderKeys(result))
    return this.conclude(result, result.exitCode)
  }
}
