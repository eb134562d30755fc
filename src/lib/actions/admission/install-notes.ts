/** What is said beside the steps of an installation: before them what somebody would learn too late, after them what is left to others. */
import {GATEKEEPER_VALUES} from '../../admission/manifests/gatekeeper-patch.ts'
import {ENGINEER, ENGINEER_LOOK} from '../../admission/manifests/engineer-roles.ts'
import {TLS_SECRET, WEBHOOK, serverHost} from '../../admission/manifests/names.ts'
import {shellQuoted} from '../../evidence/shell-quoted.ts'
import type {InstallPlan} from './install-plan.ts'

export function notesBefore({cluster, policy, namespace, folder, exempt, rollout, registrySecret, registryCa}: InstallPlan): string[] {
  const by = `--policy ${plainWord(policy)}`
  const all = folder === undefined ? '' : ` ${shellQuoted(folder)}`
  const warned = rollout.map((entry) => `${entry.namespaces.join(', ')} until ${entry['enforce-on']}`)
  return [
    `from the step with hipaa-ci/after=provider on, every namespace but ${exempt.join(', ')} refuses what the policy does not allow${warned.length === 0 ? ': the policy has no rollout' : `; it only warns in ${warned.join('; ')}`}`,
    `what runs now and would be refused: hipaa-ci admission preview --cluster ${plainWord(cluster)} ${by}`,
    `where it is to warn first, the policy has to say so before: hipaa-ci admission rollout NAMESPACE --mode warn --enforce-on YYYY-MM-DD ${by}, then install again`,
    `Gatekeeper writes its authority into the webhook a moment after that is there; until then the API server reaches nobody, and pods are refused`,
    ...(registrySecret === undefined
      ? []
      : [
          `the Secret ${registrySecret} is made by you, after the first step: kubectl -n ${namespace} create secret generic ${registrySecret} --type=kubernetes.io/dockerconfigjson --from-file=.dockerconfigjson=FILE, as docker login writes it, with auths and without a helper`,
        ]),
    ...(registryCa === undefined
      ? []
      : [`the ConfigMap ${registryCa} is made by you, after the first step: kubectl -n ${namespace} create configmap ${registryCa} --from-file=ca.crt=FILE`]),
    `later, a changed policy comes by the same install again and kubectl apply -k${all}: the provider's pods are replaced one after another and the canary's is, while Gatekeeper, the webhook and the constraints go on`,
  ]
}

export function notesOn({namespace, folder, certificates, secret, roleArn, registrySecret, redacts, asked}: InstallPlan): string[] {
  return [
    ...(secret || certificates === 'cert-manager'
      ? []
      : [`the Secret ${TLS_SECRET} is not among it: it holds a private key; its certificate has to name ${serverHost(namespace)}`]),
    kept(folder),
    ...(asked === 'once' ? [] : [twice(folder)]),
    `engineers: kubectl create clusterrolebinding ${ENGINEER_LOOK} --clusterrole=${ENGINEER_LOOK} --group=GROUP, and in each namespace of theirs, never in ${namespace}: kubectl -n NAMESPACE create rolebinding ${ENGINEER} --clusterrole=${ENGINEER} --group=GROUP`,
    ...(roleArn === undefined
      ? [`no --role-arn: the provider has no credentials of its own for the store${registrySecret === undefined ? ' and the registry' : ''}`]
      : []),
    ...(redacts === undefined
      ? []
      : [`${redacts}, by which names are redacted, is a secret and not among it: add it to the StatefulSet and the Deployment by a patch`]),
  ]
}

function kept(folder: string | undefined): string {
  const values =
    folder === undefined ? `additionalValidatingWebhookConfigsToRotateCerts: [${WEBHOOK}] among its chart's values` : `the values in ${GATEKEEPER_VALUES}`
  return `Gatekeeper keeps the webhook's authority right by the flag that a step gives it. Where the step after that prints nothing, the flag is there and names others: add ${WEBHOOK} to them by a comma; where Gatekeeper comes by Helm, give ${values} to it; where it runs with --disable-cert-rotation, whoever makes its certificate has to write caBundle. Take the flag away before the ClusterRole: a Gatekeeper that may not write is never ready`
}

function twice(folder: string | undefined): string {
  const values = folder === undefined ? "validatingWebhookMatchConditions among its chart's values" : `the values in ${GATEKEEPER_VALUES}`
  return `Gatekeeper's general webhook sees pods too: until the last step is done each is judged and recorded twice. Where Gatekeeper comes by Helm, give ${values} to it, else its next upgrade may undo the step; where it is failed closed, leave hipaa-ci-workloads out, because ours is not. --gatekeeper-webhook FILE looks whether it is done`
}

function plainWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellQuoted(text)
}
