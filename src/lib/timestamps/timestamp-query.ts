/** A question to a timestamp authority (RFC 3161, 2.4.1), DER. */

/** `SEQUENCE {OID 2.16.840.1.101.3.4.2.1, NULL}`: SHA-256. */
const SHA256 = Buffer.from('300d06096086480165030402010500', 'hex')
const VERSION_1 = Buffer.from('020101', 'hex')
/** The certificate has to come along: nobody can fetch it when the signature is verified. */
const WITH_CERTIFICATE = Buffer.from('0101ff', 'hex')

/**
 * @param digest SHA-256 of what is to be dated
 * @param nonce 8 bytes, the first below 0x80
 */
export function timestampQuery(digest: Uint8Array, nonce: Uint8Array): Uint8Array {
  const imprint = element(0x30, SHA256, element(0x04, digest))
  return element(0x30, VERSION_1, imprint, element(0x02, nonce), WITH_CERTIFICATE)
}

/** All of it is shorter than 128 bytes: one byte says the length. */
function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const value = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag, value.byteLength]), value])
}
