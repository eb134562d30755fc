import {Flags} from '@oclif/core'
import {listEvidence, type ListEvidenceResult} from '../../lib/actions/evidence/list-evidence.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {renderEvidenceList} from '../../lib/cli/render/list-evidence.ts'

export default class EvidenceLs extends BaseCommand {
  static override summary = 'List evidence records, newest last.'
  static override description =
    'Each record is read and its digest checked; one that was altered or cannot be read is listed as such, and makes the exit code 5.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --stream scan --since 7d',
    '<%= config.bin %> <%= command.id %> --run 01J… --json',
  ]
  static override flags = {
    limit: Flags.integer({description: 'show the newest so many', default: 50, min: 1, helpValue: 'N'}),
    run: Flags.string({description: "only this run's records (default: all)", helpValue: 'RUNID'}),
    since: Flags.string({description: 'only records since then (default: all)', helpValue: '90d|DATE'}),
    stream: Flags.string({description: "only this stream's records (default: all)", helpValue: 'STREAM'}),
  }

  async run(): Promise<ListEvidenceResult> {
    const {flags} = await this.parse(EvidenceLs)
    const {stream, since, run, limit} = flags
    const result = await listEvidence({stream, since, run, limit}, await this.context(flags, {judges: false}))
    this.print(renderEvidenceList(result))
    return this.conclude(result, result.exitCode)
  }
}
