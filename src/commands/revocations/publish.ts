import {Flags} from '@oclif/core'
import {publishRevocations, type PublishResult} from '../../lib/actions/revoke/publish-revocations.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {allowLongLivedFlag} from '../../lib/cli/flags.ts'
import {renderPublish} from '../../lib/cli/render/revoke.ts'
import {writeOutput} from '../../lib/cli/write-output.ts'

export default class RevocationsPublish extends BaseCommand {
  static override summary = 'Sign the list of all that is revoked.'
  static override description = `Reads every revocation in the store and writes one signed list (a Sigstore bundle), for \`revocations\` of the configuration of
those who verify and admit. The list carries its time: one that is older than their max-age is refused, so publish it more often than
that, also where nothing has changed. Where a record of the stream cannot be read nothing is signed (exit 5).`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --out revocations.json',
    '<%= config.bin %> <%= command.id %> --out /srv/policy/revocations.json --key file:revocations.key',
  ]
  static override flags = {
    out: Flags.string({description: 'file to write; what is there is replaced', required: true, helpValue: 'FILE'}),
    key: Flags.string({description: 'private key (default: `signing.key` of the configuration)', helpValue: 'file:PATH|URI'}),
    'allow-long-lived': allowLongLivedFlag(),
  }

  async run(): Promise<PublishResult & {out: string}> {
    const {flags} = await this.parse(RevocationsPublish)
    const {out, key, 'allow-long-lived': allowLongLived} = flags
    const write = async (bundle: Uint8Array) => writeOutput(out, Buffer.from(bundle).toString('utf8'))
    const published = await publishRevocations(
      {write, ...(key !== undefined && {key}), ...(allowLongLived !== undefined && {allowLongLived})},
      await this.context(flags, {identity: 'verified', judges: false}),
    )
    const result = {...published, out}
    this.print(renderPublish(result))
    return this.conclude(result, result.exitCode)
  }
}
