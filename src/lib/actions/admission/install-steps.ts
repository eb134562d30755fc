/**
 * What is to be typed to bring an installation into a cluster, in an order in which nothing is refused before somebody can
 * answer: the provider first, then what Gatekeeper asks it by, then our webhook, and at last the canary. The same again
 * changes nothing.
 */
import {join} from 'node:path'
import {CONSTRAINT_KIND} from '../../admission/manifests/constraint-template.ts'
import {gatekeeperPatch, GATEKEEPER_PATCH} from '../../admission/manifests/gatekeeper-patch.ts'
import {CANARY, GATEKEEPER_CA, GATEKEEPER_DEPLOYMENT, GATEKEEPER_NAMESPACE, GATEKEEPER_WEBHOOK, SERVER, WEBHOOK} from '../../admission/manifests/names.ts'
import {shellQuoted} from '../../evidence/shell-quoted.ts'
import {notesBefore, notesOn} from './install-notes.ts'
import type {InstallPlan} from './install-plan.ts'

export interface InstallSteps {
  /** What a person has to know before the first step. */
  readonly before: readonly string[]
  readonly next: readonly string[]
  readonly notes: readonly string[]
}

export function installSteps(plan: InstallPlan): InstallSteps {
  return plan.isFirst ? {before: [], next: firstSteps(plan), notes: []} : {before: notesBefore(plan), next: steps(plan), notes: notesOn(plan)}
}

const INTO = {certificate: 'ca.crt'}
/** See `AFTER` of the manifests. */
const FIRST = `-l '!hipaa-ci/after'`
const WITH_PROVIDER = `-l hipaa-ci/after=provider`

/** cert-manager makes the authority, which the Provider has to name. */
function firstSteps({namespace, folder}: InstallPlan): string[] {
  return [
    folder === undefined ? 'kubectl apply -f -' : `kubectl apply -k ${shellQuoted(folder)}`,
    `kubectl -n ${namespace} wait --for=condition=Ready certificate --all --timeout=120s`,
    `kubectl -n ${namespace} get secret hipaa-ci-ca -o jsonpath='{.data.tls\\.crt}' | base64 -d > ${INTO.certificate}`,
    `the same admission install again, with --ca ${INTO.certificate}`,
  ]
}

function steps({namespace, folder, secret, registrySecret, registryCa, gatekeeperAuthority, exempt, asked}: InstallPlan): string[] {
  const definition = `crd/${CONSTRAINT_KIND.toLowerCase()}.constraints.gatekeeper.sh`
  const defined = [`kubectl wait --for=create ${definition} --timeout=60s`, `kubectl wait --for=condition=Established ${definition} --timeout=60s`]
  // Of a template that did not compile Gatekeeper says so there alone: it answers, and lets everything in.
  const enforced = [
    `kubectl wait --for=jsonpath='{.status.created}'=true constrainttemplate/${CONSTRAINT_KIND.toLowerCase()} --timeout=120s`,
    `kubectl wait --for=jsonpath='{.status.byPod[0].enforced}'=true ${CONSTRAINT_KIND.toLowerCase()}.constraints.gatekeeper.sh --all --timeout=120s`,
  ]
  const into = `kubectl -n ${namespace} create configmap ${GATEKEEPER_CA} --from-file=ca.crt=/dev/stdin --dry-run=client -o yaml | kubectl apply -f -`
  const brought = `kubectl -n ${GATEKEEPER_NAMESPACE} get secret gatekeeper-webhook-server-cert -o jsonpath='{.data.ca\\.crt}' | base64 -d | ${into}`
  const others = [...(registrySecret === undefined ? [] : [`secret/${registrySecret}`]), ...(registryCa === undefined ? [] : [`configmap/${registryCa}`])]
  const there = [...(gatekeeperAuthority === undefined ? [brought] : []), ...(others.length === 0 ? [] : [`kubectl -n ${namespace} get ${others.join(' ')}`])]
  const provider = `kubectl -n ${namespace} rollout status statefulset/${SERVER} --timeout=300s`
  const trusted = `kubectl wait --for=jsonpath='{.webhooks[0].clientConfig.caBundle}' validatingwebhookconfiguration/${WEBHOOK} --timeout=120s`
  const canary = `kubectl -n ${namespace} rollout status deployment/${CANARY} --timeout=300s`
  // After all else: until our own webhook is there, the general one is all that asks.
  const once = asked === 'once' ? [] : [leaveOutPods(folder, exempt)]
  const apply = (name: string) => `kubectl apply -f ${shellQuoted(join(folder ?? '', name))}`
  const applyAll = folder === undefined ? 'kubectl apply -f -' : `kubectl apply -k ${shellQuoted(folder)}`
  return [
    ...(folder === undefined ? [] : [apply('namespace.yaml'), ...(secret ? [apply('private/tls-secret.yaml')] : [])]),
    ...there,
    ...(folder === undefined
      ? [`${applyAll} ${FIRST} says of the constraints that it knows no such kind, and takes the rest`, ...defined]
      : [apply('constraint-template.yaml'), ...defined, `${applyAll} ${FIRST}`]),
    provider,
    ...keepRight(),
    `${applyAll} ${WITH_PROVIDER}`,
    trusted,
    ...enforced,
    applyAll,
    canary,
    ...once,
  ]
}

/**
 * Gatekeeper is told to write its authority into our webhook. Where the flag is there already it is left alone: a second one
 * would take the place of the first. So the last step looks whether ours is named.
 */
function keepRight(): string[] {
  const flag = '--additional-validating-webhook-configs-to-rotate-certs='
  const gatekeeper = `kubectl -n ${GATEKEEPER_NAMESPACE}`
  const args = `${gatekeeper} get deployment ${GATEKEEPER_DEPLOYMENT} -o jsonpath='{.spec.template.spec.containers[0].args}'`
  const patch = [{op: 'add', path: '/spec/template/spec/containers/0/args/-', value: `${flag}${WEBHOOK}`}]
  return [
    `${args} | grep -q -e ${flag} || ${gatekeeper} patch deployment ${GATEKEEPER_DEPLOYMENT} --type=json -p ${shellQuoted(JSON.stringify(patch))}`,
    `${args} | grep -o -e '${flag}[^"]*${WEBHOOK}'`,
    `${gatekeeper} rollout status deployment/${GATEKEEPER_DEPLOYMENT} --timeout=300s`,
  ]
}

/** By name, so that nothing else of it changes; and the same again changes nothing. */
function leaveOutPods(folder: string | undefined, exempt: readonly string[]): string {
  const what = `kubectl patch validatingwebhookconfiguration ${GATEKEEPER_WEBHOOK.configuration} --type=strategic`
  if (folder !== undefined) return `${what} --patch-file=${shellQuoted(join(folder, GATEKEEPER_PATCH))}`
  return `${what} -p ${shellQuoted(JSON.stringify(gatekeeperPatch(exempt)[0]?.value))}`
}
