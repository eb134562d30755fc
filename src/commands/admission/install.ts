import {Flags} from '@oclif/core'
import {installAdmission, type InstallResult} from '../../lib/actions/admission/install-admission.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {installContext} from '../../lib/cli/install-context.ts'
import {renderInstall} from '../../lib/cli/render/install-admission.ts'

export default class AdmissionInstall extends BaseCommand {
  static override summary = 'Print what a cluster needs so that it lets in only what the policy allows.'
  static override description = `Manifests for a cluster that runs Gatekeeper (3.22 or newer): the provider with its log, network, account and certificate, what
Gatekeeper asks it by, a webhook of our own for pods that is failed closed, a guard over Gatekeeper's ignore label, and roles for
engineers. With --out a kustomize base, one object a file, and what is to be typed; without, one YAML stream. No cluster is asked.
A self-made certificate is valid for 90 days and made anew in its last 30, when this is run again: the old authority stays trusted
beside the new one. Its key is written to DIR/private alone and never printed: so without --out, name an authority by --ca.
With cert-manager, run it once without --ca for what makes the certificate, and again with the authority that was made.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --cluster prod-east --policy policy/hipaa-ci.yaml --store "s3://acme-evidence/prod?region=eu-central-1" --image registry.example/hipaa-ci@sha256:… --role-arn arn:aws:iam::111122223333:role/hipaa-ci-admission --out deploy/admission',
    '<%= config.bin %> <%= command.id %> --cluster prod-east --policy policy/hipaa-ci.yaml --image registry.example/hipaa-ci@sha256:… --ca ca.crt | kubectl apply -f -',
    '<%= config.bin %> <%= command.id %> --cluster prod-east --policy policy/hipaa-ci.yaml --image registry.example/hipaa-ci@sha256:… --certificates cert-manager --out deploy/admission',
  ]
  static override flags = {
    cluster: Flags.string({description: 'what the cluster is called, as environments.*.match names it', required: true, helpValue: 'NAME'}),
    policy: Flags.string({description: 'the environments and images rules that the cluster judges by', required: true, helpValue: 'FILE|URL[@sha256:…]'}),
    config: Flags.string({description: 'not taken here: the policy comes by --policy only', hidden: true, exclusive: ['policy'], helpValue: 'FILE'}),
    image: Flags.string({description: 'the image of hipaa-ci, by digest', required: true, helpValue: 'REPOSITORY@sha256:…'}),
    namespace: Flags.string({description: 'where the provider runs', default: 'hipaa-ci', helpValue: 'NAME'}),
    out: Flags.string({description: 'write into this folder (default: print)', helpValue: 'DIR'}),
    'role-arn': Flags.string({description: 'the role in AWS of the provider (see store policy --role admission)', helpValue: 'ARN'}),
    certificates: Flags.option({options: ['self', 'cert-manager'] as const, description: "who makes the provider's certificate", default: 'self'})(),
    ca: Flags.string({description: "the authority of the provider's certificate, PEM, where another one issues it", helpValue: 'FILE'}),
    'gatekeeper-ca': Flags.string({description: "the authority of Gatekeeper's certificate, PEM (default: a step copies it)", helpValue: 'FILE'}),
    renew: Flags.boolean({description: 'make a new certificate now', default: false, exclusive: ['ca']}),
  }

  async run(): Promise<InstallResult> {
    const {flags} = await this.parse(AdmissionInstall)
    const {policy, cluster, image, namespace, certificates, renew, out, ca, ...others} = flags
    const context = await this.context(others, {soleConfig: policy})
    const [roleArn, gatekeeperAuthority] = [flags['role-arn'], flags['gatekeeper-ca']]
    const request = {
      cluster,
      policy,
      image,
      namespace,
      certificates,
      renew,
      ...(out !== undefined && {out}),
      ...(roleArn !== undefined && {roleArn}),
      ...(ca !== undefined && {authority: ca}),
      ...(gatekeeperAuthority !== undefined && {gatekeeperAuthority}),
    }
    const result = await installAdmission(request, installContext(context))
    if (result.text === undefined) this.print(renderInstall(result))
    else {
      this.print(result.text)
      for (const line of [...result.next.map((step) => `next: ${step}`), ...result.notes]) context.progress.note(line)
    }
    return this.conclude(result, result.exitCode)
  }
}
