import {Args, Flags} from '@oclif/core'
import {holdRecords, type HoldRecordsResult} from '../../../lib/actions/retention/hold-records.ts'
import {BaseCommand} from '../../../lib/cli/base-command.ts'
import {renderHold} from '../../../lib/cli/render/hold-records.ts'

export default class EvidenceHoldAdd extends BaseCommand {
  static override summary = 'Put a legal hold on records and their blobs.'
  static override description = `A hold has no end: what it is on cannot be removed, whatever its lock says, until the hold is lifted. All versions of the records
are held, and of the blobs that they name. A record says that there is a hold, why, and since when; asking twice changes nothing.
It takes the rights of the hold-keeper: hipaa-ci store policy --role hold-keeper.`
  static override examples = ['<%= config.bin %> <%= command.id %> 01J… --reason litigation --ticket LEGAL-17']
  static override strict = false
  static override args = {record: Args.string({description: 'id of a record; several may be given', required: true, ignoreStdin: true})}
  static override flags = {
    reason: Flags.string({description: 'a code that says why', required: true, helpValue: 'CODE'}),
    ticket: Flags.string({description: 'where it was decided (default: none)', helpValue: 'CODE'}),
  }

  async run(): Promise<HoldRecordsResult> {
    const {argv, flags} = await this.parse(EvidenceHoldAdd)
    const {reason, ticket} = flags
    const request = {action: 'add' as const, records: argv.map(String), reason, ...(ticket !== undefined && {ticket})}
    const result = await holdRecords(request, await this.context(flags, {identity: 'verified', judges: false}))
    this.print(renderHold(result))
    return this.conclude(result, result.exitCode)
  }
}
