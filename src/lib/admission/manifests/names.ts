/** Names that several objects share: what one of them says, another one looks for. */

/** Of the StatefulSet, its Service and its account; `https://hipaa-ci.<namespace>.svc` is where Gatekeeper asks. */
export const SERVER = 'hipaa-ci'
/** Of the webhook configuration: Gatekeeper is told to keep its certificate right. */
export const WEBHOOK = 'hipaa-ci-images'
export const TLS_SECRET = 'hipaa-ci-tls'
export const GATEKEEPER_CA = 'hipaa-ci-gatekeeper-ca'
/** Where Gatekeeper runs, what its pods carry, and what its certificate says. */
export const GATEKEEPER_NAMESPACE = 'gatekeeper-system'
export const GATEKEEPER_PODS = {'gatekeeper.sh/system': 'yes'}
export const GATEKEEPER_SERVICE = 'gatekeeper-webhook-service'

export const PORTS = {serve: 8443, observe: 8080}

/** The host of the provider's address, and the first name in its certificate. */
export function serverHost(namespace: string): string {
  return `${SERVER}.${namespace}.svc`
}
