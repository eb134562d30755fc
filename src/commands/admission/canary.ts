import {Flags} from '@oclif/core'
import {watchCanary, type CanaryResult} from '../../lib/actions/admission/watch-canary.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {offerPod, turns} from '../../lib/cli/canary-context.ts'
import {durationFlag} from '../../lib/cli/flags.ts'
import {renderTurn} from '../../lib/cli/render/canary.ts'

const EVERY = 300_000

export default class AdmissionCanary extends BaseCommand {
  static override summary = 'Offer a cluster a pod that it has to refuse, and record whether it did.'
  static override description = `The pod's image is a digest that nobody has signed, and it is offered by a server-side dry run: nothing is kept. Refused by
our constraint is right. Admitted means that the cluster enforces nothing just now, whatever its probes say. Any other refusal, and no
answer, shows neither. Recorded where the answer changes, and at least once an hour. Within a cluster it asks by the account of its
pod, which has to be allowed to create pods in the namespace; elsewhere by kubectl, as that is set. The namespace must not be exempt.
It goes on until it is told to end (SIGTERM), or asks --once. Exit 0: always refused; 1: admitted at least once; 4: nobody knows.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --cluster prod-east --namespace hipaa-ci-canary --policy /policy/hipaa-ci.yaml',
    '<%= config.bin %> <%= command.id %> --cluster prod-east --namespace hipaa-ci-canary --once',
  ]
  static override flags = {
    cluster: Flags.string({description: 'the cluster, as environments.*.match names it', required: true, helpValue: 'NAME'}),
    namespace: Flags.string({description: 'where the pod is offered', required: true, helpValue: 'NAME'}),
    every: durationFlag({description: 'how long to wait between two offers (default: 5m)', exclusive: ['once']}),
    once: Flags.boolean({description: 'offer one, and end', default: false}),
    policy: Flags.string({description: 'the policy that the provider judges by (default: the configuration)', helpValue: 'FILE|URL[@sha256:…]'}),
    config: Flags.string({
      description: 'configuration file (default: hipaa-ci.yaml, looked for upwards)',
      exclusive: ['policy'],
      helpGroup: 'GLOBAL',
      helpValue: 'FILE',
    }),
  }

  async run(): Promise<CanaryResult> {
    const {flags} = await this.parse(AdmissionCanary)
    const {policy, ...others} = flags
    const context = await this.context(others, {system: 'required', ...(policy !== undefined && {soleConfig: policy})})
    const {cluster, namespace, once, every} = flags
    const watch = {
      offer: await offerPod(),
      next: turns(once ? undefined : (every ?? EVERY)),
      onTurn: (turn: CanaryResult['last']) => this.print(renderTurn(turn)),
    }
    const result = await watchCanary({cluster, namespace}, watch, context)
    return this.conclude(result, result.exitCode)
  }
}
