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
  /** SHA-256 of the public keys (SubjectPublicKeyInfo, hex) that may ask, where not every certificate of the authority with such a name may. */
  readonly clientSpki?: readonly string[]
  /** Milliseconds after which a caller is told that there is no verdict; default 7,000: within the provider's time-out. */
  readonly deadline?: number
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
  /** Told at the start, and whenever the files changed. */
  readonly onCertificates?: (certificates: CertificateState) => void
  /** Told of what `answer` threw, also after its caller was gone, and of what `unready` and `metrics` threw. */
  readonly onFault?: (error: unknown) => void
}

/** What the server shows and trusts from now on. */
export interface CertificateState {
  /** End of its own certificate. */
  readonly expires: Date
  /** The earliest end of an authority that it trusts. */
  readonly clientCaExpires: Date
  /** Why what lies in the files now is not used, and what was used before goes on; undefined where it is used. */
  readonly kept?: string
}

export interface AdmissionRequest {
  readonly outcome: 'answered' | 'deadline' | 'not-a-client' | 'too-large' | 'not-found' | 'aborted' | 'failed'
  /** 0 where none was sent. */
  readonly status: number
  readonly milliseconds: number
  /** Common name; of a refused peer a claim, or absent. */
  readonly peer?: string
  /** Of whom or what was refused: why. */
  readonly why?: string
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
