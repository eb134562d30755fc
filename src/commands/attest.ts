import {Args, Flags} from '@oclif/core'
import {attestImage, ATTEST_TYPES, type AttestResult} from '../lib/actions/sign/attest-image.ts'
import {BaseCommand} from '../lib/cli/base-command.ts'
import {allowLongLivedFlag} from '../lib/cli/flags.ts'
import {renderAttest} from '../lib/cli/render/attest.ts'

export default class Attest extends BaseCommand {
  static override summary = 'Sign statements about an image and attach them.'
  static override description = `Provenance (SLSA v1), the SBOM (SPDX), the vulnerabilities found, and the gate's decision, each as a signed in-toto statement.
SBOM, vulnerabilities and gate decision are taken from the newest records that the evidence store holds about the image,
so run \`sbom\` and \`scan\` first. Attesting the same twice changes nothing.
Where the CI platform offers an identity token, provenance says what it proves; elsewhere its builder is unverified, level 1 at most.
With --join it names the decisions that the run files of other jobs hold, and no others: give those of jobs that run no code under test.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:…',
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:… --type sbom --type provenance',
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:… --type provenance --join scan.json --input target=release',
  ]
  static override args = {image: Args.string({description: 'HOST/REPO@sha256:… or the path of an OCI layout', required: true, ignoreStdin: true})}
  static override flags = {
    type: Flags.option({options: ATTEST_TYPES, multiple: true, description: 'what to attest; may be given several times (default: all)'})(),
    'allow-long-lived': allowLongLivedFlag(),
    join: Flags.string({
      description: 'run file of another job of this run; may be repeated (default: what the store holds)',
      helpValue: 'FILE',
      multiple: true,
    }),
    input: Flags.string({
      description: 'input that the workflow was given, beside those of its event; may be repeated (default: none)',
      helpValue: 'NAME=VALUE',
      multiple: true,
    }),
    key: Flags.string({description: 'signing key (default: `signing.key` of the configuration)', helpValue: 'file:PATH|URI'}),
    repository: Flags.string({description: "repository that the image stands in (default: the image's own; needed for a layout)", helpValue: 'HOST/REPO'}),
  }

  async run(): Promise<AttestResult> {
    const {args, flags} = await this.parse(Attest)
    const context = await this.context(flags, {identity: 'verified'})
    const {input, join, key, repository, type, 'allow-long-lived': allowLongLived} = flags
    const types = type === undefined || type.length === 0 ? ATTEST_TYPES : [...new Set(type)]
    const result = await attestImage(
      {
        image: args.image,
        types,
        ...(join !== undefined && {join}),
        ...(input !== undefined && {inputs: input}),
        ...(key !== undefined && {key}),
        ...(repository !== undefined && {repository}),
        ...(allowLongLived !== undefined && {allowLongLived}),
      },
      context,
    )
    this.print(renderAttest(result))
    return this.conclude(result, result.exitCode)
  }
}
