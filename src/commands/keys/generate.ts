import {Args, Flags} from '@oclif/core'
import {generateKey, type GenerateKeyResult} from '../../lib/actions/keys/generate-key.ts'
import {generateSealingKey, type GenerateSealingKeyResult} from '../../lib/actions/keys/generate-sealing-key.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {renderGeneratedKey, renderGeneratedSealingKey} from '../../lib/cli/render/generate-key.ts'
import {createSetupContext} from '../../lib/cli/setup-context.ts'

const DUTIES = ['signing', 'sealing'] as const

export default class KeysGenerate extends BaseCommand {
  static override summary = 'Make a key pair for signing, approving, promoting or sealing.'
  static override description = `Writes PREFIX.key, readable by you alone and ignored by git, and PREFIX.pub, and prints the digest that a pin names.
The pair is made by Cosign: ECDSA P-256. Its password comes from COSIGN_PASSWORD; unset means empty. A key that is there is never
overwritten, and the new one is trusted nowhere until it is pinned.
--for sealing makes an Ed25519 key for the log over the evidence: PREFIX.pub holds its verifier key. Its password comes from
HIPAA_CI_SEALING_PASSWORD; unset means none. The lines that bring it into use are printed.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> keys/promotion',
    '<%= config.bin %> <%= command.id %> next --json',
    '<%= config.bin %> <%= command.id %> checkpoint --for sealing --origin acme.example/hipaa-evidence',
  ]
  static override args = {prefix: Args.string({description: 'path of the pair without its ending', required: true, ignoreStdin: true})}
  static override flags = {
    for: Flags.option({options: DUTIES, description: 'what the key is to sign: images and statements, or checkpoints of the log', default: 'signing'})(),
    origin: Flags.string({description: 'with --for sealing: what the log is called (default: `sealing.origin`)', helpValue: 'NAME'}),
  }

  async run(): Promise<GenerateKeyResult | GenerateSealingKeyResult> {
    const {args, flags} = await this.parse(KeysGenerate)
    const request = {prefix: args.prefix, ...(flags.origin !== undefined && {origin: flags.origin})}
    if (flags.for === 'sealing') {
      const {config, files, checkpointKey} = await this.context(flags, {judges: false})
      const sealing = await generateSealingKey(request, {...(await createSetupContext()), config, files, checkpointKey})
      this.print(renderGeneratedSealingKey(sealing))
      return this.conclude(sealing, sealing.exitCode)
    }
    const result = await generateKey(request, await createSetupContext())
    this.print(renderGeneratedKey(result))
    return this.conclude(result, result.exitCode)
  }
}
