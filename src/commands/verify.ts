import {Args, Flags} from '@oclif/core'
import type {VerifyResult} from '../lib/actions/verify/record-verdict.ts'
import {verifySubject} from '../lib/actions/verify/verify-subject.ts'
import {BaseCommand} from '../lib/cli/base-command.ts'
import {instantFlag, policyFlag} from '../lib/cli/flags.ts'
import {appendJobSummary} from '../lib/cli/job-summary.ts'
import {chosenFormat, formatFlag, formatVerify, type VerifyFormat} from '../lib/cli/render/verify/format.ts'
import {verifyMarkdown} from '../lib/cli/render/verify/markdown.ts'
import {signerFlags} from '../lib/cli/signer-flags.ts'
import {attestFlags, verifyRequest} from '../lib/cli/verify-request.ts'

export default class Verify extends BaseCommand {
  static override summary = "Judge an image by its environment's policy, or a file by its bundle."
  static override description = `Verifies signature, SBOM, provenance, scan, gate, approvals and revocation in process, against keys and identities pinned in
the policy, and gives one verdict: verified (exit 0), failed (1), missing (6) or could not check (3, 4 or 5 by its cause). What
could not be checked is never a pass. Nothing is asked but the registry, and the addresses of \`floor\` and \`revocations\`.
Under the platform's policy (\`floor\`, or --policy) the configuration may only be tighter, and both judge. With --key or
--certificate-identity and no environment only the signature is judged.
With --bundle no registry is asked either: what is given is all that there is. A file, or a bare digest, needs no configuration.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:…',
    '<%= config.bin %> <%= command.id %> registry.example/team/app:1.4 --environment production',
    '<%= config.bin %> <%= command.id %> registry.example/team/app:1.4 --as-of 2026-03-31',
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:… --attest --signing-key awskms:///alias/verdicts',
    '<%= config.bin %> <%= command.id %> registry.example/team/app:1.4 --environment production --policy platform.yaml@sha256:…',
    '<%= config.bin %> <%= command.id %> registry.example/team/app:1.4 --key cosign.pub --no-record --json',
    '<%= config.bin %> <%= command.id %> dist/app.tar.gz --bundle app.sigstore.json --key cosign.pub',
    '<%= config.bin %> <%= command.id %> dist/app.tar.gz --bundle app.sigstore.json --trusted-root root.json --certificate-identity ci@example.com --certificate-oidc-issuer https://issuer.example',
  ]
  static override args = {
    image: Args.string({
      description: 'HOST/REPO[:TAG|@DIGEST] or the path of an OCI layout; with --bundle HOST/REPO@DIGEST, a file or sha256:…',
      required: true,
      ignoreStdin: true,
    }),
  }
  static override flags = {
    environment: Flags.string({
      description: "judge by this environment's policy (default: the one whose repository it is, or the only one)",
      helpValue: 'NAME',
    }),
    ...signerFlags,
    bundle: Flags.string({description: 'judge by this Sigstore bundle alone; can be given more than once', helpValue: 'FILE', multiple: true}),
    policy: policyFlag(),
    repository: Flags.string({
      description: "repository that the signature must name (default: the environment's, else the image's own)",
      helpValue: 'HOST/REPO',
    }),
    format: formatFlag({description: 'how to say it (default: table); where GITHUB_STEP_SUMMARY is set, it is added there as Markdown besides'}),
    ...attestFlags,
    'as-of': instantFlag({description: 'judge as of this time, leaving out what was stated later (default: now)'}),
  }

  private format: VerifyFormat = 'table'

  /** As with --json, also what goes wrong. */
  override jsonEnabled(): boolean {
    return this.format === 'json' || super.jsonEnabled()
  }

  async run(): Promise<VerifyResult> {
    const {args, flags} = await this.parse(Verify)
    this.format = chosenFormat(flags.format, this.jsonEnabled())
    const request = verifyRequest(args.image, flags)
    const context = await this.context(flags, flags.attest ? {identity: 'verified'} : {})
    const result = await verifySubject(request, context)
    this.print(formatVerify(result, this.format, this.config.version))
    await appendJobSummary(verifyMarkdown(result), context)
    return this.conclude(result, result.exitCode)
  }
}
