import {Args, Flags} from '@oclif/core'
import {runPipeline, type PipelineResult} from '../lib/actions/run-pipeline.ts'
import {BaseCommand} from '../lib/cli/base-command.ts'
import {allowLongLivedFlag} from '../lib/cli/flags.ts'
import {renderPipeline} from '../lib/cli/render/pipeline.ts'

export default class Pipeline extends BaseCommand {
  static override summary = 'SBOM, scan, gate, signature, attestations and verdict in one go.'
  static override description = `For people with no CI yet. Everything is one run of evidence: it is started and ended here, and its end names what never came.
If the gate does not pass, the road ends there with its exit code, and nothing is signed. A source that is scanned (--source)
may have no error unless \`gate.code\` says otherwise. Inside a run that was begun by \`run start\` (HIPAA_CI_RUN) the steps
join that one.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:…',
    '<%= config.bin %> <%= command.id %> ./image --repository registry.example/team/app --source . --update-db',
  ]
  static override args = {image: Args.string({description: 'HOST/REPO@sha256:… or the path of an OCI layout', required: true, ignoreStdin: true})}
  static override flags = {
    source: Flags.string({description: 'folder of source code for the code scan (default: no code scan; with it, limit 0 for errors)', helpValue: 'DIR'}),
    'allow-long-lived': allowLongLivedFlag(),
    key: Flags.string({description: 'signing key (default: `signing.key` of the configuration)', helpValue: 'file:PATH|URI'}),
    repository: Flags.string({description: "repository to sign for (default: the image's own; needed for a layout)", helpValue: 'HOST/REPO'}),
    environment: Flags.string({
      description: "judge by this environment's policy (default: the one whose repository it is, or the only one)",
      helpValue: 'NAME',
    }),
    'update-db': Flags.boolean({description: 'download the vulnerability database first', default: false}),
  }

  async run(): Promise<PipelineResult> {
    const {args, flags} = await this.parse(Pipeline)
    const {source, key, repository, environment, 'allow-long-lived': allowLongLived} = flags
    const result = await runPipeline(
      {
        image: args.image,
        updateDatabase: flags['update-db'],
        ...(source !== undefined && {source}),
        ...(key !== undefined && {key}),
        ...(repository !== undefined && {repository}),
        ...(environment !== undefined && {environment}),
        ...(allowLongLived !== undefined && {allowLongLived}),
      },
      await this.context(flags, {identity: 'verified'}),
    )
    this.print(renderPipeline(result))
    return this.conclude(result, result.exitCode)
  }
}
