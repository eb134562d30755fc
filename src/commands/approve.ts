import {Args, Flags} from '@oclif/core'
import {approveImage, type ApproveResult} from '../lib/actions/promote/approve-image.ts'
import {BaseCommand} from '../lib/cli/base-command.ts'
import {allowLongLivedFlag, policyFlag} from '../lib/cli/flags.ts'
import {renderApprove} from '../lib/cli/render/approve.ts'

export default class Approve extends BaseCommand {
  static override summary = 'Approve, with your own key, that an image may go to an environment.'
  static override description = `Signs a person's approval of one digest for one environment, and attaches it to the image. The key must be one that
\`approvals.by\` of the environment names; it has no default, so that the key which signs builds does not approve them. With
--bundle an approval that was signed elsewhere, like one by Cosign under your own identity, is checked and attached.
Approving twice changes nothing. What nobody signed is no approval.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:… --to production --key file:ann.key',
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:… --to production --key awskms:///alias/ann --ticket CHG-1042',
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:… --to production --bundle approval.sigstore.json',
  ]
  static override args = {image: Args.string({description: 'HOST/REPO@sha256:… or the path of an OCI layout', required: true, ignoreStdin: true})}
  static override flags = {
    'allow-long-lived': allowLongLivedFlag(),
    bundle: Flags.string({description: 'an approval that was signed elsewhere: a Sigstore bundle', helpValue: 'FILE'}),
    key: Flags.string({description: "the approver's own signing key", helpValue: 'file:PATH|URI'}),
    policy: policyFlag(),
    repository: Flags.string({description: "repository that the image stands in (default: the image's own; needed for a layout)", helpValue: 'HOST/REPO'}),
    ticket: Flags.string({description: 'code of the change, to stand in the approval', helpValue: 'CODE'}),
    to: Flags.string({description: 'environment that the image may go to', helpValue: 'ENV', required: true}),
  }

  async run(): Promise<ApproveResult> {
    const {args, flags} = await this.parse(Approve)
    const context = await this.context(flags, {identity: 'verified'})
    const {to, key, bundle, ticket, repository, 'allow-long-lived': allowLongLived} = flags
    const result = await approveImage(
      {
        image: args.image,
        to,
        ...(key !== undefined && {key}),
        ...(bundle !== undefined && {bundle}),
        ...(ticket !== undefined && {ticket}),
        ...(repository !== undefined && {repository}),
        ...(allowLongLived !== undefined && {allowLongLived}),
      },
      context,
    )
    this.print(renderApprove(result))
    return this.conclude(result, result.exitCode)
  }
}
