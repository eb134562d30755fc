/** The Provider: where Gatekeeper asks, how long it waits, and whose certificate it takes. */

export interface ProviderRequest {
  readonly name: string
  /** `https://…`; its host has to stand in the server's certificate. */
  readonly url: string
  /** PEM of the authority of the server's certificate. */
  readonly authority: string
  /** Seconds; the webhook's own must be longer, the provider's work shorter. Without one Gatekeeper waits not at all. */
  readonly timeout?: number
}

const TIMEOUT = 8

export function providerManifest({name, url, authority, timeout = TIMEOUT}: ProviderRequest) {
  return {
    apiVersion: 'externaldata.gatekeeper.sh/v1beta1',
    kind: 'Provider',
    metadata: {name},
    spec: {url, timeout, caBundle: Buffer.from(authority).toString('base64')},
  }
}
