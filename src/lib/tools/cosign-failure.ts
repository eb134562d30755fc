/**
 * Why Cosign could not sign with a key in a key service, by what it said. Pure.
 *
 * Only the kind is taken from its words, never the words: they quote roles, requests and addresses.
 */
import type {ReasonCode} from '../errors.ts'

type Failure = Extract<ReasonCode, 'key-service.refused' | 'key-service.unreachable'>

const BUSY_OR_GONE =
  /throttl|TooManyRequests|ResourceExhausted|RateLimit|StatusCode: (5\d\d|429)|Code: (5\d\d|429)|connection (refused|reset)|no such host|network is unreachable|i\/o timeout|deadline ?exceeded|TLS handshake|x509:|\bEOF\b|code = Unavailable/i
const REFUSED =
  /AccessDenied|DisabledException|KMSInvalidState|NotFoundException|InvalidKeyUsage|ExpiredToken|UnrecognizedClient|InvalidSignature|PermissionDenied|permission denied|Unauthenticated|Unauthorized|Forbidden|FailedPrecondition|code = NotFound|StatusCode: 4\d\d|Code: 4\d\d|could not find default credentials|missing client token|no EC2 IMDS role/i

/** @returns undefined where it is not about the service */
export function keyServiceFailure(said: string): Failure | undefined {
  if (BUSY_OR_GONE.test(said)) return 'key-service.unreachable'
  return REFUSED.test(said) ? 'key-service.refused' : undefined
}
