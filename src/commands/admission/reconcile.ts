import {Flags} from '@oclif/core'
import {reconcileCluster, type ReconcileResult} from '../../lib/actions/admission/reconcile-cluster.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {renderReconcile} from '../../lib/cli/render/reconcile.ts'

export default class AdmissionReconcile extends BaseCommand {
  static override summary = 'Hold what a cluster runs against the records of what was let in.'
  static override description = `Takes what runs from kubectl, or from a listing (kubectl get pods --all-namespaces --output json), and looks for the record that let
each pod in, by the pod's uid. A pod without one is an unverified workload; what is plausible is said: a static pod, an exempt
namespace, older than the first report of a provider, a window in which the cluster let in what it had to refuse. An image that was
not let in with its pod, and a digest that runs and is not the one that was let in, are found too. Requests that were let in and
whose pod is not there are counted: they came and went, or the reply was lost.
The comparison is recorded, with all differences. Pods in namespaces that a provider had declared as exempt are listed, and not open.
Exit 0: nothing is open; 1: unverified workloads; 5: records cannot be read; 6: known in part only.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --cluster prod-east',
    '<%= config.bin %> <%= command.id %> --cluster prod-east --context prod --since 30d',
    '<%= config.bin %> <%= command.id %> --cluster prod-east --listing pods.json --json',
  ]
  static override flags = {
    cluster: Flags.string({description: 'the cluster, as its records name it', required: true, helpValue: 'NAME'}),
    listing: Flags.string({
      description: 'pods as JSON; - is standard input (default: kubectl is asked)',
      exclusive: ['kubeconfig', 'context'],
      helpValue: 'FILE',
    }),
    kubeconfig: Flags.string({description: 'kubeconfig for kubectl (default: as kubectl finds it)', helpValue: 'FILE'}),
    context: Flags.string({description: 'context of the kubeconfig (default: its current one)', helpValue: 'NAME'}),
    since: Flags.string({description: 'how far back to look for pods that were let in and are gone', default: '90d', helpValue: '90d|DATE'}),
  }

  async run(): Promise<ReconcileResult> {
    const {flags} = await this.parse(AdmissionReconcile)
    const {cluster, listing, kubeconfig, context: name, since, ...others} = flags
    const result = await reconcileCluster({cluster, listing, kubeconfig, context: name, since}, await this.context(others, {judges: false}))
    this.print(renderReconcile(result))
    return this.conclude(result, result.exitCode)
  }
}
