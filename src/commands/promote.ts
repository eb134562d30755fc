import {Args, Flags} from '@oclif/core'
import {promoteImage, type PromoteResult} from '../lib/actions/promote/promote-image.ts'
import {BaseCommand} from '../lib/cli/base-command.ts'
import {allowLongLivedFlag, policyFlag} from '../lib/cli/flags.ts'
import {renderPromote} from '../lib/cli/render/promote.ts'

export default class Promote extends BaseCommand {
  static override summary = "Bring a verified image into an environment's repository."
  static override description = `Judges the image by the environment's policy, approvals included; copies it with all that is attached; signs it for the
environment's repository with the key of \`environments.ENV.promotion\`; judges it there; signs that verdict as a SLSA
verification summary; writes the record, and then the tags. A plain copy does not verify there: only this key's signature counts.
What does not verify is not copied. A promotion that was interrupted is finished by the same command, and run twice it changes
nothing. A tag that names another image is not moved, unless you say so.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:… --to production',
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:… --to production --tag 1.4.2 --tag stable --move-tag',
    '<%= config.bin %> <%= command.id %> ./image --repository registry.example/team/app --to staging',
  ]
  static override args = {image: Args.string({description: 'HOST/REPO@sha256:… or the path of an OCI layout', required: true, ignoreStdin: true})}
  static override flags = {
    'allow-long-lived': allowLongLivedFlag(),
    'move-tag': Flags.boolean({description: 'move tags that name another image; from where is recorded', default: false}),
    policy: policyFlag(),
    repository: Flags.string({description: "repository that the image stands in (default: the image's own; needed for a layout)", helpValue: 'HOST/REPO'}),
    tag: Flags.string({description: 'tag to write; may be given several times (default: promoted-<12 hex>)', helpValue: 'TAG', multiple: true}),
    to: Flags.string({description: 'environment to promote to', helpValue: 'ENV', required: true}),
  }

  async run(): Promise<PromoteResult> {
    const {args, flags} = await this.parse(Promote)
    const context = await this.context(flags, {identity: 'verified'})
    const {to, tag = [], repository, 'move-tag': moveTag, 'allow-long-lived': allowLongLived} = flags
    const result = await promoteImage(
      {
        image: args.image,
        to,
        tags: tag,
        moveTag,
        ...(repository !== undefined && {repository}),
        ...(allowLongLived !== undefined && {allowLongLived}),
      },
      context,
    )
    this.print(renderPromote(result))
    return this.conclude(result, result.exitCode)
  }
}
