import {Flags} from '@oclif/core'
import {previewAdmission, type PreviewResult} from '../../lib/actions/admission/preview-admission.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {renderPreview} from '../../lib/cli/render/preview-admission.ts'
import {writeNewOutput} from '../../lib/cli/write-new-output.ts'

export default class AdmissionPreview extends BaseCommand {
  static override summary = 'What a cluster runs, judged as it would be at the door: before a refusal is switched on.'
  static override description = `Takes what runs from kubectl, or from a listing (kubectl get pods --all-namespaces --output json), and judges every image as
admission would, once for each environment. Nothing is recorded, and nothing is let in or kept out by it. Namespaces that are exempt
and pods that ended are counted apart.
--write-rules writes images rules, by the digest that runs, for what others built and would be refused. Each is an approval that a
person has to give: approved-by is empty, and a policy with an empty one is not valid.
Exit 0: all would be let in; 1: some would be refused; 4 (or 2 to 5): some could not be checked; 6: the listing is not whole.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --cluster prod-east --policy policy/hipaa-ci.yaml',
    '<%= config.bin %> <%= command.id %> --cluster prod-east --policy policy/hipaa-ci.yaml --listing pods.json --write-rules rules.yaml',
    'kubectl get pods -A -o json | <%= config.bin %> <%= command.id %> --cluster prod-east --policy hipaa-ci.yaml --listing - --json',
  ]
  static override flags = {
    cluster: Flags.string({description: 'the cluster, as environments.*.match names it', required: true, helpValue: 'NAME'}),
    policy: Flags.string({
      description: 'the environments and images rules, as a file or from an address with its digest; never looked for',
      required: true,
      helpValue: 'FILE|URL[@sha256:…]',
    }),
    config: Flags.string({description: 'not taken here: the policy comes by --policy only', hidden: true, exclusive: ['policy'], helpValue: 'FILE'}),
    listing: Flags.string({
      description: 'pods as JSON; - is standard input (default: kubectl is asked)',
      exclusive: ['kubeconfig', 'context'],
      helpValue: 'FILE',
    }),
    kubeconfig: Flags.string({description: 'kubeconfig for kubectl (default: as kubectl finds it)', helpValue: 'FILE'}),
    context: Flags.string({description: 'context of the kubeconfig (default: its current one)', helpValue: 'NAME'}),
    'write-rules': Flags.string({description: 'write rules that would cover what is refused, for review; never over a file that differs', helpValue: 'FILE'}),
  }

  async run(): Promise<PreviewResult> {
    const {flags} = await this.parse(AdmissionPreview)
    const {policy, cluster, listing, kubeconfig, context: name, 'write-rules': out, ...others} = flags
    const context = await this.context({...others}, {soleConfig: policy})
    const result = await previewAdmission({cluster, listing, kubeconfig, context: name}, context)
    this.print(renderPreview(result))
    if (out !== undefined) {
      await writeNewOutput(out, result.rules.text, '--write-rules')
      const {rules, left, until} = result.rules
      const without = left.length === 0 ? '' : ` ${left.length} refused image(s) have none: sign or rename them.`
      context.progress.note(`${rules.length} rule(s) until ${until} in ${out}: look at each image, then fill in approved-by.${without}`)
    }
    return this.conclude(result, result.exitCode)
  }
}
