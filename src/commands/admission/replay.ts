import {Flags} from '@oclif/core'
import {replayAdmissions, type ReplayResult} from '../../lib/actions/admission/replay-admissions.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {renderReplay} from '../../lib/cli/render/replay.ts'

export default class AdmissionReplay extends BaseCommand {
  static override summary = 'Judge what clusters asked about again, under a new policy.'
  static override description = `Takes the admission records of the store, and judges each distinct image again by the environment that the new policy has for
its cluster and namespace, at the time at which it was asked for last. Says what ran and would have been refused, what was refused and
would be let in, and what nobody can judge any more, such as an image that is gone from its registry. Dry runs, advice, audits and
what was judged by hand do not count. Nothing is recorded. Exit 0: all that ran would run; 1: something would have been refused;
3 to 6: something could not be judged, or there was nothing to judge.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --policy next.yaml --store s3://acme-evidence',
    '<%= config.bin %> <%= command.id %> --policy next.yaml --since 30d --cluster prod-east --json',
  ]
  static override flags = {
    policy: Flags.string({description: 'the new policy', required: true, helpValue: 'FILE|URL[@sha256:…]'}),
    since: Flags.string({description: 'records from then on', default: '90d', helpValue: '90d|DATE'}),
    cluster: Flags.string({description: 'only of this cluster', helpValue: 'NAME'}),
    config: Flags.string({description: 'not taken here: the policy comes by --policy only', hidden: true, exclusive: ['policy'], helpValue: 'FILE'}),
  }

  async run(): Promise<ReplayResult> {
    const {flags} = await this.parse(AdmissionReplay)
    const {policy, since, cluster, ...others} = flags
    const context = await this.context(others, {soleConfig: policy})
    const result = await replayAdmissions({since, ...(cluster !== undefined && {cluster})}, context)
    this.print(renderReplay(result))
    return this.conclude(result, result.exitCode)
  }
}
