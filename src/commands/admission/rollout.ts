import {Args, Flags} from '@oclif/core'
import {planRollout, type RolloutResult} from '../../lib/actions/admission/plan-rollout.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {renderRollout} from '../../lib/cli/render/rollout.ts'

export default class AdmissionRollout extends BaseCommand {
  static override summary = 'Let refusals only warn in some namespaces, until a day.'
  static override description = `Writes admission.rollout into a policy file, and changes nothing else of it. Until the day (UTC) a refused pod runs all the same,
the person is told, and the record says both; from that day on it is refused. A namespace that is named again has the new day. With
--mode enforce refusals count there at once. The file counts once the provider has it; the cluster's manifests stay as they are.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> patient-api billing --mode warn --enforce-on 2027-03-31 --policy policy.yaml',
    '<%= config.bin %> <%= command.id %> billing --mode enforce --policy policy.yaml',
  ]
  static override args = {namespace: Args.string({description: 'namespaces, or patterns of them; at least one', required: true, ignoreStdin: true})}
  static override strict = false
  static override flags = {
    mode: Flags.option({options: ['warn', 'enforce'] as const, description: 'what a refusal does there', required: true})(),
    'enforce-on': Flags.string({description: 'the first day on which it refuses (UTC)', helpValue: 'DATE'}),
    policy: Flags.string({description: 'the policy, a file', required: true, helpValue: 'FILE'}),
    config: Flags.string({description: 'not taken here: the policy comes by --policy only', hidden: true, exclusive: ['policy'], helpValue: 'FILE'}),
  }

  async run(): Promise<RolloutResult> {
    const {argv, flags} = await this.parse(AdmissionRollout)
    const {mode, policy, 'enforce-on': day, ...others} = flags
    const context = await this.context(others, {soleConfig: policy, judges: false})
    const request = {namespaces: argv.map(String), mode, file: policy, ...(day !== undefined && {enforceOn: day})}
    const result = await planRollout(request, context)
    this.print(renderRollout(result))
    return this.conclude(result, result.exitCode)
  }
}
