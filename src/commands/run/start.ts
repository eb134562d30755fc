import {Flags} from '@oclif/core'
import {startRun, type StartRunResult} from '../../lib/actions/evidence/start-run.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {renderStartRun, startRunHint} from '../../lib/cli/render/start-run.ts'

export default class RunStart extends BaseCommand {
  static override summary = 'Begin a run: say what is to report, so that what does not is noticed.'
  static override description = `Writes the run's start record and a run file, and prints the line that makes the commands that follow part of the run.
With --job given more than once, each job gets a file of its own, to be handed to it (as an artifact, where jobs run on different machines).
With --of it makes the file of one more job of a run that has started, or of a rerun (scan#2), and writes no record.`
  static override examples = [
    'eval "$(<%= config.bin %> <%= command.id %> --expect sbom,scan,signature)"',
    '<%= config.bin %> <%= command.id %> --expect sbom,scan --job build --job scan --file run.json',
    '<%= config.bin %> <%= command.id %> --of run.json --job scan#2',
  ]
  static override flags = {
    expect: Flags.string({description: 'streams that are to report, parted by commas (default: none)', helpValue: 'STREAM,…', multiple: true, delimiter: ','}),
    file: Flags.string({description: 'run file of the first job (default: what HIPAA_CI_RUN names, else .hipaa-ci/runs/<run id>.json)', helpValue: 'FILE'}),
    job: Flags.string({description: 'a job of the run, this one first (default: this job alone, by its CI name)', helpValue: 'NAME', multiple: true}),
    previous: Flags.string({description: 'run before this one, of a server that begins a run at each start (default: none)', helpValue: 'RUN'}),
    of: Flags.string({description: 'run file of the run to take part in (default: begin a run)', helpValue: 'FILE'}),
  }

  async run(): Promise<StartRunResult> {
    const {flags} = await this.parse(RunStart)
    const context = await this.context(flags, {judges: false})
    const result = await startRun({expected: flags.expect ?? [], jobs: flags.job ?? [], file: flags.file, of: flags.of, previous: flags.previous}, context)
    this.print(renderStartRun(result))
    context.progress.note(startRunHint(result, (await context.ci()).platform))
    return this.conclude(result, result.exitCode)
  }
}
