/** Certificates for a server of our own. Types only. */

export interface CertificateRequest {
  /** DNS names, the first of which is its common name. */
  readonly hosts: readonly string[]
  /** Of the authority that is made for it. */
  readonly authority: string
  readonly from: Date
  readonly until: Date
}

/** PEM, each. */
export interface MadeCertificate {
  /** What a client is told to trust. Its key is kept nowhere: it has issued this one certificate, and issues no other. */
  readonly authority: string
  readonly certificate: string
  /** PKCS #8. */
  readonly key: string
}

export type MakeCertificate = (request: CertificateRequest) => Promise<MadeCertificate>
