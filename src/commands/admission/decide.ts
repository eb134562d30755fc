import {Args, Flags} from '@oclif/core'
import {decideAdmission, type DecideResult} from '../../lib/actions/admission/decide-admission.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {renderDecide} from '../../lib/cli/render/admission.ts'

export default class AdmissionDecide extends BaseCommand {
  static override summary = 'Judge the images of a pod as a cluster would, from an AdmissionReview.'
  static override description = `Reads what a Kubernetes API server sends to a webhook (admission.k8s.io/v1, CREATE or UPDATE of a pod, also of its ephemeral
containers) and judges every image in it: containers of all kinds and image volumes. The environment is the one whose match fits the
cluster and the pod's namespace. Its own repository is judged as verify does; images that others built need an images rule; a tag is
refused. On an UPDATE only images that the pod does not run yet are judged. Each judged image is recorded before the answer is given.
Exit 0: all allowed; 1: refused for a definite reason; 3 to 5: something could not be checked, which is refused too.
With --json the answer for the API server stands in review.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> review.json --cluster prod-east --policy policy/hipaa-ci.yaml',
    '<%= config.bin %> <%= command.id %> review.json --cluster prod-east --policy https://policy.example/prod.yaml@sha256:…',
    'cat review.json | <%= config.bin %> <%= command.id %> - --cluster local --policy hipaa-ci.yaml --json',
  ]
  static override args = {file: Args.string({description: 'AdmissionReview as JSON; - is standard input', required: true, ignoreStdin: true})}
  static override flags = {
    cluster: Flags.string({description: 'the cluster that asks, as environments.*.match names it', required: true, helpValue: 'NAME'}),
    policy: Flags.string({
      description:
        "the environments and images rules, as a file or from an address with its digest; never looked for, so that a service's own file cannot stand in for it",
      required: true,
      helpValue: 'FILE|URL[@sha256:…]',
    }),
    config: Flags.string({description: 'not taken here: the policy comes by --policy only', hidden: true, exclusive: ['policy'], helpValue: 'FILE'}),
    mode: Flags.option({
      options: ['offline'] as const,
      description: 'what the record says of the decision; offline lets nothing into a cluster',
      default: 'offline',
    })(),
  }

  async run(): Promise<DecideResult> {
    const {args, flags} = await this.parse(AdmissionDecide)
    const {policy, ...others} = flags
    const context = await this.context(others, {soleConfig: policy})
    const result = await decideAdmission({file: args.file, cluster: flags.cluster, mode: flags.mode}, context)
    this.print(renderDecide(result))
    return this.conclude(result, result.exitCode)
  }
}
