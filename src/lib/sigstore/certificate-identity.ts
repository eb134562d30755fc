/**
 * Who a certificate of Fulcio is for (fulcio, oid-info.md): the one subject alternative name, a URI or an e-mail
 * address, and the OIDC issuer. Read out of the bytes, because the library drops the eighth bit of each.
 */
import type {X509Certificate} from '@sigstore/core'
import type {TrustedIdentity} from '../ports/signatures.ts'

const SUBJECT_ALT_NAME = '2.5.29.17'
/** UTF8String, and the older one without a type. */
const ISSUER = '1.3.6.1.4.1.57264.1.8'
const ISSUER_V1 = '1.3.6.1.4.1.57264.1.1'
/** GeneralName (RFC 5280, 4.2.1.6). */
const EMAIL = 1
const URI = 6

/** Undefined where the certificate names nobody, or more than one. */
export function certificateIdentity(certificate: X509Certificate): TrustedIdentity | undefined {
  const identity = alternativeName(certificate)
  const issuer = oidcIssuer(certificate)
  return identity === undefined || issuer === undefined ? undefined : {issuer, identity}
}

function alternativeName(certificate: X509Certificate): string | undefined {
  const names = certificate.extension(SUBJECT_ALT_NAME)?.valueObj.subs[0]?.subs ?? []
  const [name] = names
  if (name === undefined || names.length > 1) return undefined
  return name.tag.isContextSpecific(EMAIL) || name.tag.isContextSpecific(URI) ? plainText(name.value) : undefined
}

function oidcIssuer(certificate: X509Certificate): string | undefined {
  const current = certificate.extension(ISSUER)
  const value = current === undefined ? certificate.extension(ISSUER_V1)?.value : current.valueObj.subs[0]?.value
  return value === undefined ? undefined : plainText(value)
}

function plainText(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1')
  return /^[\x21-\x7e]+$/.test(text) ? text : undefined
}
