/** What is to be typed to bring an installation into a cluster, and what it leaves to others. */
import {join} from 'node:path'
import {CONSTRAINT_KIND} from '../../admission/manifests/constraint-template.ts'
import {gatekeeperPatch, GATEKEEPER_PATCH, GATEKEEPER_VALUES} from '../../admission/manifests/gatekeeper-patch.ts'
import {CANARY, GATEKEEPER_CA, GATEKEEPER_NAMESPACE, GATEKEEPER_WEBHOOK, SERVER, TLS_SECRET, WEBHOOK, serverHost} from '../../admission/manifests/names.ts'
import {ENGINEER, ENGINEER_LOOK} from '../../admission/manifests/engineer-roles.ts'
import {shellQuoted} from '../../evidence/shell-quoted.ts'

export interface InstallPlan {
  readonly namespace: string
  readonly certificates: 'self' | 'cert-manager'
  /** Absolute; undefined where all of it is printed. */
  readonly folder: string | undefined
  /** Only what makes the certificate is there yet. */
  readonly isFirst: boolean
  /** A private key is written. */
  readonly secret: boolean
  readonly roleArn?: string
  readonly gatekeeperAuthority?: string
  /** `redaction.key` of the policy. */
  readonly redacts: string | undefined
  readonly exempt: readonly string[]
  /** How often a pod is asked about. */
  readonly asked: 'once' | 'twice' | 'unknown'
}

export interface InstallSteps {
  readonly next: readonly string[]
  readonly notes: readonly string[]
}

export function installSteps(plan: InstallPlan): InstallSteps {
  return {next: plan.isFirst ? firstSteps(plan) : steps(plan), notes: plan.isFirst ? [] : notes(plan)}
}

const INTO = {certificate: 'ca.crt'}

/** cert-manager makes the authority, which the Provider has to name. */
function firstSteps({namespace, folder}: InstallPlan): string[] {
  return [
    folder === undefined ? 'kubectl apply -f -' : `kubectl apply -k ${shellQuoted(folder)}`,
    `kubectl -n ${namespace} wait --for=condition=Ready certificate --all --timeout=120s`,
    `kubectl -n ${namespace} get secret hipaa-ci-ca -o jsonpath='{.data.tls\\.crt}' | base64 -d > ${INTO.certificate}`,
    `the same admission install again, with --ca ${INTO.certificate}`,
  ]
}

function steps({namespace, folder, secret, gatekeeperAuthority, exempt, asked}: InstallPlan): string[] {
  const definition = `crd/${CONSTRAINT_KIND.toLowerCase()}.constraints.gatekeeper.sh`
  const wait = [`kubectl wait --for=create ${definition} --timeout=60s`, `kubectl wait --for=condition=Established ${definition} --timeout=60s`]
  // Of a template that did not compile Gatekeeper says so there alone: it answers, and lets everything in.
  const enforced = [
    `kubectl wait --for=jsonpath='{.status.created}'=true constrainttemplate/${CONSTRAINT_KIND.toLowerCase()} --timeout=120s`,
    `kubectl wait --for=jsonpath='{.status.byPod[0].enforced}'=true ${CONSTRAINT_KIND.toLowerCase()}.constraints.gatekeeper.sh --all --timeout=120s`,
  ]
  const into = `kubectl -n ${namespace} create configmap ${GATEKEEPER_CA} --from-file=ca.crt=/dev/stdin --dry-run=client -o yaml | kubectl apply -f -`
  const brought = `kubectl -n ${GATEKEEPER_NAMESPACE} get secret gatekeeper-webhook-server-cert -o jsonpath='{.data.ca\\.crt}' | base64 -d | ${into}`
  const ask = gatekeeperAuthority === undefined ? [brought] : []
  // After all else: until our own webhook is there, the general one is all that asks.
  const once = asked === 'once' ? [] : [leaveOutPods(folder, exempt)]
  if (folder === undefined)
    return [
      ...ask,
      'kubectl apply -f -',
      ...wait,
      'kubectl apply -f - once more: the constraints need what Gatekeeper makes of the template',
      ...enforced,
      ...once,
    ]
  const apply = (name: string) => `kubectl apply -f ${shellQuoted(join(folder, name))}`
  return [
    apply('namespace.yaml'),
    ...(secret ? [apply('private/tls-secret.yaml')] : []),
    ...ask,
    apply('constraint-template.yaml'),
    ...wait,
    `kubectl apply -k ${shellQuoted(folder)}`,
    ...enforced,
    `kubectl -n ${namespace} rollout status statefulset/${SERVER} --timeout=300s`,
    `kubectl -n ${namespace} rollout status deployment/${CANARY} --timeout=300s`,
    ...once,
  ]
}

/** By name, so that nothing else of it changes; and the same again changes nothing. */
function leaveOutPods(folder: string | undefined, exempt: readonly string[]): string {
  const what = `kubectl patch validatingwebhookconfiguration ${GATEKEEPER_WEBHOOK.configuration} --type=strategic`
  if (folder !== undefined) return `${what} --patch-file=${shellQuoted(join(folder, GATEKEEPER_PATCH))}`
  return `${what} -p ${shellQuoted(JSON.stringify(gatekeeperPatch(exempt)[0]?.value))}`
}

function notes({namespace, folder, certificates, secret, roleArn, redacts, asked}: InstallPlan): string[] {
  return [
    ...(secret || certificates === 'cert-manager'
      ? []
      : [`the Secret ${TLS_SECRET} is not among it: it holds a private key; its certificate has to name ${serverHost(namespace)}`]),
    `Gatekeeper keeps the webhook's authority right where it runs with --additional-validating-webhook-configs-to-rotate-certs=${WEBHOOK}`,
    ...(asked === 'once' ? [] : [twice(folder)]),
    `until the provider is ready, pods outside the exempt namespaces are refused`,
    `engineers: kubectl create clusterrolebinding ${ENGINEER_LOOK} --clusterrole=${ENGINEER_LOOK} --group=GROUP, and in each namespace of theirs, never in ${namespace}: kubectl -n NAMESPACE create rolebinding ${ENGINEER} --clusterrole=${ENGINEER} --group=GROUP`,
    ...(roleArn === undefined ? ['no --role-arn: the provider has no credentials of its own for the store and the registry'] : []),
    ...(redacts === undefined
      ? []
      : [`${redacts}, by which names are redacted, is a secret and not among it: add it to the StatefulSet and the Deployment by a patch`]),
  ]
}

function twice(folder: string | undefined): string {
  const kept = folder === undefined ? "validatingWebhookMatchConditions among its chart's values" : `the values in ${GATEKEEPER_VALUES}`
  return `Gatekeeper's general webhook sees pods too: until the last step is done each is judged and recorded twice. Where Gatekeeper comes by Helm, give ${kept} to it, else its next upgrade may undo the step; where it is failed closed, leave hipaa-ci-workloads out, because ours is not. --gatekeeper-webhook FILE looks whether it is done`
}
