import {Args} from '@oclif/core'
import {generateKey, type GenerateKeyResult} from '../../lib/actions/keys/generate-key.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {renderGeneratedKey} from '../../lib/cli/render/generate-key.ts'
import {createSetupContext} from '../../lib/cli/setup-context.ts'

export default class KeysGenerate extends BaseCommand {
  static override summary = 'Make a key pair for signing, approving or promoting.'
  static override description = `Writes PREFIX.key, readable by you alone and ignored by git, and PREFIX.pub, and prints the digest that a pin names.
The pair is made by Cosign: ECDSA P-256. Its password comes from COSIGN_PASSWORD; unset means empty. A key that is there is never
overwritten, and the new one is trusted nowhere until it is pinned.`
  static override examples = ['<%= config.bin %> <%= command.id %> keys/promotion', '<%= config.bin %> <%= command.id %> next --json']
  static override args = {prefix: Args.string({description: 'path of the pair without its ending', required: true, ignoreStdin: true})}

  async run(): Promise<GenerateKeyResult> {
    const {args} = await this.parse(KeysGenerate)
    const result = await generateKey({prefix: args.prefix}, await createSetupContext())
    this.print(renderGeneratedKey(result))
    return this.conclude(result, result.exitCode)
  }
}
