import {Args, Flags} from '@oclif/core'
import {signImage, type SignResult} from '../lib/actions/sign/sign-image.ts'
import {BaseCommand} from '../lib/cli/base-command.ts'
import {allowLongLivedFlag} from '../lib/cli/flags.ts'
import {renderSign} from '../lib/cli/render/sign.ts'

export default class Sign extends BaseCommand {
  static override summary = 'Sign an image by digest.'
  static override description = `Signs the statement that Cosign 3 itself signs, so that \`cosign verify\` accepts it, and attaches it to the image
(for an index: to the index and every platform). Signing twice changes nothing. A tag is refused, with the digest to use.
The key is a file, whose password comes from COSIGN_PASSWORD (unset means empty), or lies in a key service that Cosign knows:
awskms, gcpkms, azurekms, hashivault, openbao, k8s, pkcs11. In CI what does not end by itself, a key file or an AWS access key,
is refused unless it is allowed by name.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:…',
    '<%= config.bin %> <%= command.id %> ./image --repository registry.example/team/app --key file:cosign.key',
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:… --key awskms:///alias/image-signing',
  ]
  static override args = {image: Args.string({description: 'HOST/REPO@sha256:… or the path of an OCI layout', required: true, ignoreStdin: true})}
  static override flags = {
    'allow-long-lived': allowLongLivedFlag(),
    key: Flags.string({description: 'signing key (default: `signing.key` of the configuration)', helpValue: 'file:PATH|URI'}),
    repository: Flags.string({description: "repository to sign for (default: the image's own; needed for a layout)", helpValue: 'HOST/REPO'}),
  }

  async run(): Promise<SignResult> {
    const {args, flags} = await this.parse(Sign)
    const context = await this.context(flags, {identity: 'verified'})
    const {key, repository, 'allow-long-lived': allowLongLived} = flags
    const result = await signImage(
      {
        image: args.image,
        ...(key !== undefined && {key}),
        ...(repository !== undefined && {repository}),
        ...(allowLongLived !== undefined && {allowLongLived}),
      },
      context,
    )
    this.print(renderSign(result))
    return this.conclude(result, result.exitCode)
  }
}
