/** An HTTPS server that a cluster asks, as an action sees it. Types only. */

/** Who asks, by the certificate that the connection showed. */
export interface Peer {
  /** Common name; empty where it has none. */
  readonly name: string
  /** SHA-256 of its SubjectPublicKeyInfo, hex. */
  readonly spki: string
}

export interface AdmissionServerOptions {
  /** `0.0.0.0:8443`. */
  readonly listen: string
  /** Plain HTTP for probes and metrics, `0.0.0.0:8080`: it answers nothing else. */
  readonly observe: string
  /** PEM files, read again where they change. `clientCa`: the authority of who may ask. */
  readonly certificate: string
  readonly key: string
  readonly clientCa: string
  /** Names of certificates that may ask; one of them has to be the peer's common name or a DNS name in it. */
  readonly clientNames: readonly string[]
}

export interface AdmissionHandlers {
  /**
   * Called with the body of a POST to `/validate` from a peer that may ask. Gives the body of the answer, JSON; it never
   * throws for what was asked, and is given up on after the deadline, while its work may go on.
   */
  readonly answer: (body: Uint8Array) => Promise<Uint8Array>
  /** Why it is not ready, or undefined where it is. */
  readonly unready: () => string | undefined
  /** Prometheus text (0.0.4). */
  readonly metrics: () => string
  /** Told of each answered or refused request, for logs and metrics. */
  readonly onRequest: (request: AdmissionRequest) => void
}

export interface AdmissionRequest {
  readonly outcome: 'answered' | 'deadline' | 'not-a-client' | 'too-large' | 'not-found' | 'aborted' | 'failed'
  readonly status: number
  readonly milliseconds: number
  readonly peer?: string
}

export interface AdmissionServer {
  /** `https://HOST:PORT`, as it listens. */
  readonly url: string
  readonly observeUrl: string
  /** Takes no new connection, answers what it has begun, and ends. */
  close(): Promise<void>
}

/** @throws AppError `admission.server` */
export type StartAdmissionServer = (options: AdmissionServerOptions, handlers: AdmissionHandlers) => Promise<AdmissionServer>
