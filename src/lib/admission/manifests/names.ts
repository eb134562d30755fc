/** Names that several objects share, in a cluster and in what is read of it: what one of them says, another one looks for. */

/** Of the StatefulSet, its Service, its account, and of the Provider; `https://hipaa-ci.<namespace>.svc` is where Gatekeeper asks. */
export const SERVER = 'hipaa-ci'
/** Of the webhook configuration: Gatekeeper is told to keep its certificate right. */
export const WEBHOOK = 'hipaa-ci-images'
/** Of its entries: the first keeps pods out, the second only advises. */
export const POD_ENTRY = 'pods.images.hipaa-ci'
export const WORKLOAD_ENTRY = 'workloads.images.hipaa-ci'
/** Of the constraint that refuses, which Gatekeeper puts before what it says; the others are called `<this>-warn`, `<this>-advice`. */
export const CONSTRAINT = 'hipaa-ci-images'
/** Of the canary, its account and its rights; and of the namespace that its pod is offered to, which is never exempt. */
export const CANARY = 'hipaa-ci-canary'
/** Not the provider's: its Service must not lead there. */
export const CANARY_LABELS = {'app.kubernetes.io/name': CANARY, 'app.kubernetes.io/part-of': SERVER}
export const TLS_SECRET = 'hipaa-ci-tls'
export const GATEKEEPER_CA = 'hipaa-ci-gatekeeper-ca'
/** Where Gatekeeper runs, what its pods carry, what its certificate says, and its general webhook. */
export const GATEKEEPER_NAMESPACE = 'gatekeeper-system'
/** Its account, and what answers the API server; the first container is Gatekeeper. */
export const GATEKEEPER_ACCOUNT = 'gatekeeper-admin'
export const GATEKEEPER_DEPLOYMENT = 'gatekeeper-controller-manager'
export const GATEKEEPER_PODS = {'gatekeeper.sh/system': 'yes'}
export const GATEKEEPER_SERVICE = 'gatekeeper-webhook-service'
export const GATEKEEPER_WEBHOOK = {configuration: 'gatekeeper-validating-webhook-configuration', entry: 'validation.gatekeeper.sh'}

export const PORTS = {serve: 8443, observe: 8080}

/** The host of the provider's address, and the first name in its certificate. */
export function serverHost(namespace: string): string {
  return `${SERVER}.${namespace}.svc`
}
