import {Args, Flags} from '@oclif/core'
import {breakGlass, type BreakGlassResult} from '../../lib/actions/break-glass/break-glass.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {allowLongLivedFlag, durationFlag, instantFlag} from '../../lib/cli/flags.ts'
import {renderBreakGlass} from '../../lib/cli/render/break-glass.ts'

export default class AdmissionBreakGlass extends BaseCommand {
  static override summary = 'Let something run in an emergency, signed, for a while, and reviewed afterwards.'
  static override description = `With an image: signs that this one digest may run in one namespace of one cluster although its policy refuses it, for no longer
than admission.break-glass.max-hours, by a key that admission.break-glass.by names, and attaches that to the image. Nothing exempts from
a revocation. Each pod that is let in so is recorded.
With --provider-down: prints the one kubectl step that takes our webhook out of the way, and its undo. Until it is undone nothing is
verified. Where the store could not be reached then, record it afterwards with --from and --until.
Both stay open until another person has reviewed them (--review); the file of \`identities\` says who is who. --list ends with exit
code 1 while one has waited for more than a day.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:… --cluster prod-east --namespace patient-api --reason hotfix --incident INC-7 --for 4h --key awskms:///alias/ann',
    '<%= config.bin %> <%= command.id %> --provider-down --cluster prod-east --reason provider-down --incident INC-8',
    '<%= config.bin %> <%= command.id %> --provider-down --cluster prod-east --reason provider-down --incident INC-8 --from 2026-03-01T02:10:00Z --until 2026-03-01T03:00:00Z',
    '<%= config.bin %> <%= command.id %> --list',
    '<%= config.bin %> <%= command.id %> --review 01JXS800000000000000000001 --by bob',
  ]
  static override args = {image: Args.string({description: 'HOST/REPO@sha256:…, to exempt it', ignoreStdin: true})}
  static override flags = {
    'allow-long-lived': allowLongLivedFlag(),
    by: Flags.string({description: 'who reviews: a person of the file of `identities`', helpValue: 'PERSON', dependsOn: ['review']}),
    cluster: Flags.string({description: 'the cluster, as environments.*.match names it', helpValue: 'NAME'}),
    config: Flags.string({
      description: 'configuration file (default: hipaa-ci.yaml, looked for upwards)',
      exclusive: ['policy'],
      helpGroup: 'GLOBAL',
      helpValue: 'FILE',
    }),
    for: durationFlag({description: 'how long it lasts'}),
    from: instantFlag({description: 'of what is over: since when the provider was out of the way', dependsOn: ['provider-down']}),
    incident: Flags.string({description: 'code of the incident', helpValue: 'CODE'}),
    key: Flags.string({description: "the person's own signing key", helpValue: 'file:PATH|URI'}),
    list: Flags.boolean({description: 'show every broken glass, and what waits for a review', default: false, exclusive: ['provider-down', 'review']}),
    namespace: Flags.string({description: 'the namespace', helpValue: 'NAME'}),
    policy: Flags.string({description: 'the policy that the provider judges by (default: the configuration)', helpValue: 'FILE|URL[@sha256:…]'}),
    'provider-down': Flags.boolean({description: 'the provider is down: take our webhook out of the way', default: false, exclusive: ['review']}),
    reason: Flags.string({description: 'why, as a code', helpValue: 'CODE'}),
    review: Flags.string({description: 'say that it was looked at, by the record that --list shows', helpValue: 'RECORD', dependsOn: ['by']}),
    until: instantFlag({description: 'and until when', dependsOn: ['provider-down']}),
  }

  async run(): Promise<BreakGlassResult> {
    const {args, flags} = await this.parse(AdmissionBreakGlass)
    const {policy, key, 'allow-long-lived': allowLongLived, 'provider-down': isDown, for: lasts, ...given} = flags
    const context = await this.context(given, {identity: 'verified', ...(policy !== undefined && {soleConfig: policy})})
    const result = await breakGlass({...given, image: args.image, key, allowLongLived, providerDown: isDown, lasts}, context)
    this.print(renderBreakGlass(result))
    return this.conclude(result, result.exitCode)
  }
}
