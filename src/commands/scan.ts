import {Args, Flags} from '@oclif/core'
import {scanTarget, type ScanResult} from '../lib/actions/scan/scan-target.ts'
import {BaseCommand} from '../lib/cli/base-command.ts'
import {durationFlag} from '../lib/cli/flags.ts'
import {renderScan} from '../lib/cli/render/scan.ts'

export default class Scan extends BaseCommand {
  static override summary = 'Scan an image, archive or folder, and judge it by the limits of the gate.'
  static override description = `Trivy looks for vulnerabilities, secrets and misconfigurations on every platform, Semgrep for PHI in logs in --source.
Exit 0: everything was looked at and is within the limits. 1: a limit is exceeded. 3: something could not be looked at
(a tool crashed or is missing, the database is absent or stale, a file could not be parsed): that is never a pass.
A source that is scanned may have no error, and warnings without limit, unless \`gate.code\` says otherwise; where
\`gate.code\` is configured, a scan without --source is no pass.
What Syft finds in the same image and Trivy did not look up counts as not looked at.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:…',
    '<%= config.bin %> <%= command.id %> registry.example/team/app:1.4 --source . --update-db',
    '<%= config.bin %> <%= command.id %> ./image-layout --repository registry.example/team/app --json',
    '<%= config.bin %> <%= command.id %> dir:. --no-record',
  ]
  static override args = {
    target: Args.string({description: 'HOST/REPO[:TAG|@DIGEST], or the path of an OCI layout, an archive or a folder', required: true}),
  }
  static override flags = {
    source: Flags.string({description: 'folder of source code for the code scan (default: no code scan; with it, limit 0 for errors)', helpValue: 'DIR'}),
    'update-db': Flags.boolean({description: 'download the vulnerability database first (default: use what is there)', default: false}),
    sbom: Flags.string({description: 'SPDX file of this very image to compare with (default: Syft describes it)', helpValue: 'FILE'}),
    repository: Flags.string({description: 'repository that a layout or archive stands for (default: none)', helpValue: 'HOST/REPO'}),
    timeout: durationFlag({description: 'limit for one run of one tool (default: 10m)'}),
  }

  async run(): Promise<ScanResult> {
    const {args, flags} = await this.parse(Scan)
    const {source, sbom, repository, timeout} = flags
    const {result} = await scanTarget(
      {
        target: args.target,
        updateDatabase: flags['update-db'],
        ...(source !== undefined && {source}),
        ...(sbom !== undefined && {sbom}),
        ...(repository !== undefined && {repository}),
        ...(timeout !== undefined && {timeout}),
      },
      await this.context(flags),
    )
    this.print(renderScan(result))
    return this.conclude(result, result.exitCode)
  }
}
