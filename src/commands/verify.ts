import {Args, Flags} from '@oclif/core'
import {verifyImage, type VerifyResult} from '../lib/actions/verify-image.ts'
import {BaseCommand} from '../lib/cli/base-command.ts'
import {instantFlag} from '../lib/cli/flags.ts'
import {renderVerify} from '../lib/cli/render/verify.ts'

export default class Verify extends BaseCommand {
  static override summary = "Judge an image by its environment's policy."
  static override description = `Verifies signature, SBOM, provenance, scan and gate in process, against keys pinned in the policy, and gives one verdict:
verified (exit 0), failed (1), missing (6) or could not check (3, 4 or 5 by its cause). What could not be checked is never a pass.
With --key and no configuration only the signature is judged.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:…',
    '<%= config.bin %> <%= command.id %> registry.example/team/app:1.4 --environment production',
    '<%= config.bin %> <%= command.id %> registry.example/team/app:1.4 --key cosign.pub --no-record --json',
  ]
  static override args = {image: Args.string({description: 'HOST/REPO[:TAG|@DIGEST] or the path of an OCI layout', required: true, ignoreStdin: true})}
  static override flags = {
    environment: Flags.string({
      description: "judge by this environment's policy (default: the one whose repository it is, or the only one)",
      helpValue: 'NAME',
    }),
    key: Flags.string({description: "trust this public key instead of the environment's", helpValue: 'FILE'}),
    repository: Flags.string({
      description: "repository that the signature must name (default: the environment's, else the image's own)",
      helpValue: 'HOST/REPO',
    }),
    'as-of': instantFlag({description: 'judge ages and key windows as of this time (default: now)'}),
  }

  async run(): Promise<VerifyResult> {
    const {args, flags} = await this.parse(Verify)
    const context = await this.context(flags)
    const {environment, key, repository} = flags
    const asOf = flags['as-of']
    const result = await verifyImage(
      {
        image: args.image,
        ...(environment !== undefined && {environment}),
        ...(key !== undefined && {key}),
        ...(repository !== undefined && {repository}),
        ...(asOf !== undefined && {asOf}),
      },
      context,
    )
    this.print(renderVerify(result))
    return this.conclude(result, result.exitCode)
  }
}
