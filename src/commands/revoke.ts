import {Args, Flags} from '@oclif/core'
import {REASONS_TO_REVOKE, revokeImage, type RevokeResult} from '../lib/actions/revoke/revoke-image.ts'
import {BaseCommand} from '../lib/cli/base-command.ts'
import {instantFlag} from '../lib/cli/flags.ts'
import {renderRevoke} from '../lib/cli/render/revoke.ts'

export default class Revoke extends BaseCommand {
  static override summary = 'Say that an image must not run any more.'
  static override description = `Records it by digest; no registry is asked. It takes effect with the next list that \`revocations publish\` signs.
The later word on a digest wins, so --reinstate takes it back. Revoking twice changes nothing. Of an index each platform can be run
by its own digest: revoke those too.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:… --reason vulnerable',
    '<%= config.bin %> <%= command.id %> sha256:… --reason key-compromise --since 2026-03-01',
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:… --reinstate',
  ]
  static override args = {image: Args.string({description: 'HOST/REPO@sha256:…, or sha256:… alone', required: true, ignoreStdin: true})}
  static override flags = {
    reason: Flags.option({options: REASONS_TO_REVOKE, description: 'why it must not run (required but for --reinstate)'})(),
    since: instantFlag({description: 'count it as revoked from this time on (default: now)', dependsOn: ['reason']}),
    reinstate: Flags.boolean({description: 'take the revocation back', default: false, exclusive: ['reason', 'since']}),
  }

  async run(): Promise<RevokeResult> {
    const {args, flags} = await this.parse(Revoke)
    const {reason, since, reinstate} = flags
    const request = {image: args.image, reinstate, ...(reason !== undefined && {reason}), ...(since !== undefined && {since})}
    const result = await revokeImage(request, await this.context(flags, {identity: 'verified', judges: false}))
    this.print(renderRevoke(result))
    return this.conclude(result, result.exitCode)
  }
}
