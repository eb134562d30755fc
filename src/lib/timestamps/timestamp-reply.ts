/**
 * What a timestamp authority answered (RFC 3161, 2.4.2): is it granted, and about what was asked?
 *
 * Whether the authority is one to be trusted is not asked here: that is held against the pinned ones, at every verification.
 */
import {RFC3161Timestamp, type ASN1Obj} from '@sigstore/core'

const SIGNED_DATA = '1.2.840.113549.1.7.2'
const TST_INFO = '1.2.840.113549.1.9.16.1.4'

/** @returns what is wrong with it; undefined for a timestamp of `digest` */
export function replyFault(reply: Uint8Array, digest: Uint8Array, nonce: Uint8Array): string | undefined {
  try {
    return fault(RFC3161Timestamp.parse(Buffer.from(reply)), digest, nonce)
  } catch {
    return 'the answer is no timestamp'
  }
}

function fault(timestamp: RFC3161Timestamp, digest: Uint8Array, nonce: Uint8Array): string | undefined {
  // 0 granted, 1 granted with modifications
  if (timestamp.status > 1n || timestamp.status < 0n) return `the authority refused, with status ${timestamp.status}`
  if (timestamp.contentType !== SIGNED_DATA || timestamp.eContentType !== TST_INFO) return 'the answer is no timestamp'
  const {tstInfo} = timestamp
  if (tstInfo.messageImprintHashAlgorithm !== 'sha256' || !tstInfo.messageImprintHashedMessage.equals(digest))
    return 'the timestamp is about something else than the signature'
  if (nonceOf(tstInfo.root) !== BigInt(`0x${Buffer.from(nonce).toString('hex')}`)) return 'the timestamp answers another question (wrong nonce)'
  return undefined
}

/** The only integer behind the time. */
function nonceOf(info: ASN1Obj): bigint | undefined {
  return info.subs
    .slice(5)
    .find(({tag}) => tag.isInteger())
    ?.toInteger()
}
