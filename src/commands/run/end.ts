import {Flags} from '@oclif/core'
import {endRun, type EndRunResult} from '../../lib/actions/evidence/end-run.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {renderEndRun} from '../../lib/cli/render/end-run.ts'

export default class RunEnd extends BaseCommand {
  static override summary = 'End a run: count what came, and name what did not.'
  static override description = `Writes the run's end record: for each job how many records it wrote and the digest of the last, so that nothing can be taken
away unnoticed. A step that was expected and never reported, or a declared job without a run file, is a gap: exit 6, by name.`
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --join scan.json --join deploy.json']
  static override flags = {
    file: Flags.string({description: 'run file to end (default: what HIPAA_CI_RUN names)', helpValue: 'FILE'}),
    join: Flags.string({description: 'run file of another job; may be repeated (default: none)', helpValue: 'FILE', multiple: true}),
  }

  async run(): Promise<EndRunResult> {
    const {flags} = await this.parse(RunEnd)
    const result = await endRun({file: flags.file, join: flags.join ?? []}, await this.context(flags, {judges: false}))
    this.print(renderEndRun(result))
    return this.conclude(result, result.exitCode)
  }
}
