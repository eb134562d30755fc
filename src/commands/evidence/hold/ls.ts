import {listHolds, type ListHoldsResult} from '../../../lib/actions/retention/list-holds.ts'
import {BaseCommand} from '../../../lib/cli/base-command.ts'
import {renderHolds} from '../../../lib/cli/render/hold-records.ts'

export default class EvidenceHoldLs extends BaseCommand {
  static override summary = 'List the records that are under a legal hold.'
  static override description = `By the records about holds, hidden ones too: the later word on a record counts. A record about a hold that cannot be read could be
about any record, and ends with exit 5.`
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async run(): Promise<ListHoldsResult> {
    const {flags} = await this.parse(EvidenceHoldLs)
    const result = await listHolds(await this.context(flags, {judges: false}))
    this.print(renderHolds(result))
    return this.conclude(result, result.exitCode)
  }
}
