import {Flags} from '@oclif/core'
import {reconcileAuditLog, type AuditLogResult} from '../../lib/actions/admission/reconcile-audit-log.ts'
import {reconcileCluster, type ReconcileResult} from '../../lib/actions/admission/reconcile-cluster.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {renderAuditLog} from '../../lib/cli/render/reconcile-audit-log.ts'
import {renderReconcile} from '../../lib/cli/render/reconcile.ts'

export default class AdmissionReconcile extends BaseCommand {
  static override summary = 'Hold what a cluster runs against the records of what was let in.'
  static override description = `Takes what runs from kubectl, or from a listing (kubectl get pods --all-namespaces --output json), and looks for the record that let
each pod in, by the pod's uid. A pod without one is an unverified workload; what is plausible is said: a static pod, an exempt
namespace, older than the first report of a provider, a window in which the cluster let in what it had to refuse. An image that was
not let in with its pod, and a digest that runs and is not the one that was let in, are found too. Requests that were let in and
whose pod is not there are counted: they came and went, or the reply was lost.
--audit-log reads the API server's audit log instead (a JSON event a line, also gzip, as EKS and CloudWatch give it): what came in
because a webhook was out of reach, who asked for what was let in and refused, and the person behind a controller; who changed or
removed a webhook, constraint, template, provider or policy, and labels of namespaces. The log does not name its cluster.
The comparison is recorded, with all differences. Pods in namespaces that a provider had declared as exempt are listed, and not open.
Exit 0: nothing is open; 1: unverified workloads, or the cluster was kept from refusing; 5: records cannot be read; 6: known in part only.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --cluster prod-east',
    '<%= config.bin %> <%= command.id %> --cluster prod-east --context prod --since 30d',
    '<%= config.bin %> <%= command.id %> --cluster prod-east --listing pods.json --json',
    '<%= config.bin %> <%= command.id %> --cluster prod-east --audit-log audit-1.log.gz --audit-log audit-2.log',
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
    'audit-log': Flags.string({
      description: 'audit log of the API server, also gzip; - is standard input; may be given several times',
      multiple: true,
      exclusive: ['listing', 'kubeconfig', 'context', 'since'],
      helpValue: 'FILE',
    }),
    since: Flags.string({description: 'how far back to look for pods that were let in and are gone (default: 90d)', helpValue: '90d|DATE'}),
  }

  async run(): Promise<ReconcileResult | AuditLogResult> {
    const {flags} = await this.parse(AdmissionReconcile)
    const {cluster, listing, kubeconfig, context: name, since = '90d', 'audit-log': files, ...others} = flags
    const context = await this.context(others, {judges: false})
    if (files !== undefined) {
      const result = await reconcileAuditLog({cluster, files}, context)
      this.print(renderAuditLog(result))
      return this.conclude(result, result.exitCode)
    }
    const result = await reconcileCluster({cluster, listing, kubeconfig, context: name, since}, context)
    this.print(renderReconcile(result))
    return this.conclude(result, result.exitCode)
  }
}
