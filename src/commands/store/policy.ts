import {Flags} from '@oclif/core'
import {POLICY_FORMATS, POLICY_ROLES, printPolicy, type PrintPolicyResult} from '../../lib/actions/store/print-policy.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'

export default class StorePolicy extends BaseCommand {
  static override summary = 'Print who may do what in the evidence store, as policies to apply.'
  static override description = `iam: the policy of each role, which lets it put records of its streams and their blobs, and nothing else.
bucket: the policy of the bucket, which denies everybody what must never happen. terraform: the bucket, its policy and the roles'.
writers: the block of hipaa-ci.yaml by which \`evidence verify --writers\` tells who wrote into a stream that is not theirs.
Who is named as writer, by --principal or \`writers\`, has the stream alone, whatever IAM allows others. Nothing is asked or changed.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --role build --store "s3://acme-evidence/prod?region=eu-central-1" > build.json',
    '<%= config.bin %> <%= command.id %> --format bucket --principal break-glass=arn:aws:iam::111122223333:role/emergency',
    '<%= config.bin %> <%= command.id %> --format terraform --store "s3://acme-evidence/prod?region=eu-central-1"',
  ]
  static override flags = {
    format: Flags.option({options: POLICY_FORMATS, description: 'what to print', default: 'iam'})(),
    principal: Flags.string({
      description: 'who has a role (with --role an ARN is enough), or break-glass; may be given several times (default: `writers`)',
      helpValue: 'ROLE=ARN',
      multiple: true,
    }),
    role: Flags.option({options: POLICY_ROLES, description: "only this role's policy (default: all)"})(),
    years: Flags.integer({description: 'how long the bucket keeps a new version', default: 7, helpValue: 'N'}),
  }

  async run(): Promise<PrintPolicyResult> {
    const {flags} = await this.parse(StorePolicy)
    const {role, principal: principals = [], format, years} = flags
    const context = await this.context(flags, {judges: false})
    const result = await printPolicy({principals, format, years, ...(role !== undefined && {role})}, context)
    for (const note of result.notes) context.progress.note(note)
    this.print(result.text)
    return this.conclude(result, result.exitCode)
  }
}
