import {Flags} from '@oclif/core'
import {extendLocks, type ExtendLocksResult} from '../../lib/actions/retention/extend-locks.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {renderExtend} from '../../lib/cli/render/extend-locks.ts'

export default class EvidenceExtend extends BaseCommand {
  static override summary = 'Make locks that end too early end later.'
  static override description = `A version is kept for seven years from when it came, and a blob as long as any record that names it: a policy text that is named
every day is extended every time. Run it once a month. Nothing is ever shortened, and what was extended cannot be taken back. A lock
of the mode GOVERNANCE can be made strict only by who may lift it: such a version is named, and ends with exit 4. A record
that cannot be read does not say which blobs it names: 5.
It takes the rights of the reader and those of the extender: hipaa-ci store policy --role reader, and --role extender.`
  static override examples = ['<%= config.bin %> <%= command.id %> --dry-run', '<%= config.bin %> <%= command.id %>']
  static override flags = {
    'dry-run': Flags.boolean({description: 'say what would be extended, and change nothing', default: false}),
  }

  async run(): Promise<ExtendLocksResult> {
    const {flags} = await this.parse(EvidenceExtend)
    const result = await extendLocks({dryRun: flags['dry-run']}, await this.context(flags, {judges: false}))
    this.print(renderExtend(result))
    return this.conclude(result, result.exitCode)
  }
}
