/** What is to be typed to bring an installation into a cluster, and what it leaves to others. */
import {join} from 'node:path'
import {CONSTRAINT_KIND} from '../../admission/manifests/constraint-template.ts'
import {GATEKEEPER_CA, GATEKEEPER_NAMESPACE, SERVER, TLS_SECRET, WEBHOOK, serverHost} from '../../admission/manifests/names.ts'
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

function steps({namespace, folder, secret, gatekeeperAuthority}: InstallPlan): string[] {
  const definition = `crd/${CONSTRAINT_KIND.toLowerCase()}.constraints.gatekeeper.sh`
  const wait = [`kubectl wait --for=create ${definition} --timeout=60s`, `kubectl wait --for=condition=Established ${definition} --timeout=60s`]
  const into = `kubectl -n ${namespace} create configmap ${GATEKEEPER_CA} --from-file=ca.crt=/dev/stdin --dry-run=client -o yaml | kubectl apply -f -`
  const brought = `kubectl -n ${GATEKEEPER_NAMESPACE} get secret gatekeeper-webhook-server-cert -o jsonpath='{.data.ca\\.crt}' | base64 -d | ${into}`
  const ask = gatekeeperAuthority === undefined ? [brought] : []
  if (folder === undefined)
    return [...ask, 'kubectl apply -f -', ...wait, 'kubectl apply -f - once more: the constraints need what Gatekeeper makes of the template']
  const apply = (name: string) => `kubectl apply -f ${shellQuoted(join(folder, name))}`
  return [
    apply('namespace.yaml'),
    ...(secret ? [apply('private/tls-secret.yaml')] : []),
    ...ask,
    apply('constraint-template.yaml'),
    ...wait,
    `kubectl apply -k ${shellQuoted(folder)}`,
    `kubectl -n ${namespace} rollout status statefulset/${SERVER} --timeout=300s`,
  ]
}

function notes({namespace, certificates, secret, roleArn, redacts}: InstallPlan): string[] {
  return [
    ...(secret || certificates === 'cert-manager'
      ? []
      : [`the Secret ${TLS_SECRET} is not among it: it holds a private key; its certificate has to name ${serverHost(namespace)}`]),
    `Gatekeeper keeps the webhook's authority right where it runs with --additional-validating-webhook-configs-to-rotate-certs=${WEBHOOK}; leave pods out of its own webhook, else each pod is asked about twice`,
    `until the provider is ready, pods outside the exempt namespaces are refused`,
    `engineers: kubectl create clusterrolebinding ${ENGINEER_LOOK} --clusterrole=${ENGINEER_LOOK} --group=GROUP, and in each namespace of theirs, never in ${namespace}: kubectl -n NAMESPACE create rolebinding ${ENGINEER} --clusterrole=${ENGINEER} --group=GROUP`,
    ...(roleArn === undefined ? ['no --role-arn: the provider has no credentials of its own for the store and the registry'] : []),
    ...(redacts === undefined ? [] : [`${redacts}, by which names are redacted, is a secret and not among it: add it to the StatefulSet by a patch`]),
  ]
}
