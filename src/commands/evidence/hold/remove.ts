import {Args, Flags} from '@oclif/core'
import {holdRecords, type HoldRecordsResult} from '../../../lib/actions/retention/hold-records.ts'
import {BaseCommand} from '../../../lib/cli/base-command.ts'
import {renderHold} from '../../../lib/cli/render/hold-records.ts'

export default class EvidenceHoldRemove extends BaseCommand {
  static override summary = 'Lift the legal hold of records and their blobs.'
  static override description = `What was held is then kept by its lock alone. A blob that another held record names keeps its hold. A record says that the hold has
ended, and why; asking twice changes nothing. It takes the rights of the hold-keeper: hipaa-ci store policy --role hold-keeper.`
  static override examples = ['<%= config.bin %> <%= command.id %> 01J… --reason litigation --ticket LEGAL-17']
  static override strict = false
  static override args = {record: Args.string({description: 'id of a record; several may be given', required: true, ignoreStdin: true})}
  static override flags = {
    reason: Flags.string({description: 'a code that says why it ends', required: true, helpValue: 'CODE'}),
    ticket: Flags.string({description: 'where it was decided (default: none)', helpValue: 'CODE'}),
  }

  async run(): Promise<HoldRecordsResult> {
    const {argv, flags} = await this.parse(EvidenceHoldRemove)
    const {reason, ticket} = flags
    const request = {action: 'remove' as const, records: argv.map(String), reason, ...(ticket !== undefined && {ticket})}
    const result = await holdRecords(request, await this.context(flags, {identity: 'verified', judges: false}))
    this.print(renderHold(result))
    return this.conclude(result, result.exitCode)
  }
}
