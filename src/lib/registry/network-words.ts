/** What a failed connection is called, and what helps. */
import {errorCode} from './error-code.ts'

const TLS = /^(?:CERT_|ERR_TLS_|ERR_SSL_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|HOSTNAME_MISMATCH$|INVALID_CA$|EPROTO$)/
const UNKNOWN_AUTHORITY = /^(?:SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_)/

export interface NetworkFailure {
  readonly words: string
  readonly isTls: boolean
  readonly fix?: string
}

export function networkFailure(error: unknown): NetworkFailure {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = errorCode(cause)
  if (code === undefined) return {words: cause instanceof Error ? cause.message : String(cause), isTls: false}
  if (!TLS.test(code)) return {words: code, isTls: false}
  if (UNKNOWN_AUTHORITY.test(code))
    return {
      words: `its TLS certificate comes from an authority that is not known here (${code})`,
      isTls: true,
      fix: 'Name the certificate of your authority: NODE_EXTRA_CA_CERTS=/path/to/authority.pem',
    }
  if (code === 'CERT_HAS_EXPIRED')
    return {words: `its TLS certificate has ended (${code})`, isTls: true, fix: "Have the registry's certificate renewed, and check the clock of this machine."}
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return {
      words: `its TLS certificate is for another host (${code})`,
      isTls: true,
      fix: "Check the address; something else may answer in the registry's place.",
    }
  return {words: `there is no TLS connection (${code})`, isTls: true, fix: 'Check the address, and that it speaks HTTPS.'}
}
