/**
 * What a failed call to AWS means. By its name only: the SDK's words quote roles and requests.
 *
 * Refused is what stays as it is until somebody changes it; what may pass by itself is out of reach.
 */
import {AppError} from '../errors.ts'

/** What passes by itself, though the service answers 400 for it. */
const PASSES = /throttl|TooManyRequests|RequestLimitExceeded|SlowDown|RequestTimeout|DependencyTimeout|KeyUnavailable|KMSInternal/i
/** Also where a node of the network's own says so, deep inside. */
const TIMED_OUT = /Timeout|Abort/i

/** The refusals that have a better answer than the table's. */
const HELP: Readonly<Record<string, readonly [message: string, fix: string]>> = {
  AccessDeniedException: ['may not be used by this role', 'Allow the role kms:Sign, kms:GetPublicKey and kms:DescribeKey on it, in the key policy too.'],
  NotFoundException: [
    'is not there, in this account and region',
    'Check the name, the account and AWS_REGION; an alias of another account is named by its ARN.',
  ],
  DisabledException: ['is disabled', 'Enable it, or sign with another one.'],
  KMSInvalidStateException: ['is in a state in which it cannot sign', 'See its state: aws kms describe-key'],
  InvalidKeyUsageException: ['is not made for signing', 'Use an ECDSA P-256 key (ECC_NIST_P256, SIGN_VERIFY).'],
}
const NOT_WHO =
  /UnrecognizedClient|InvalidClientTokenId|InvalidSignature|IncompleteSignature|ExpiredToken|SignatureDoesNotMatch|InvalidIdentityToken|IDPRejectedClaim/

export const NO_CREDENTIALS_FIX = 'Give the job a role (in CI by OIDC), or on a workstation: aws sso login, and AWS_PROFILE.'

/** @param key as it was named */
export function awsFailure(key: string, error: unknown): AppError {
  if (error instanceof AppError) return error
  const name = error instanceof Error ? error.name : 'an unknown error'
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError')
    return new AppError('key-service.refused', `there are no AWS credentials for ${key}`, {fix: NO_CREDENTIALS_FIX})
  const status = statusOf(error)
  if (status !== undefined && status >= 400 && status < 500 && !PASSES.test(name)) return refusal(key, name)
  return new AppError('key-service.unreachable', `AWS cannot be asked about ${key}: ${words(error, name, status)}`)
}

function refusal(key: string, name: string): AppError {
  const [message, fix] = HELP[name] ?? []
  if (message !== undefined && fix !== undefined) return new AppError('key-service.refused', `the key ${key} ${message}`, {fix})
  if (NOT_WHO.test(name))
    return new AppError('key-service.refused', `AWS does not accept the credentials given for ${key}: ${name}`, {
      fix: 'See that they have not ended, and that the role trusts this job (its OIDC subject and audience).',
    })
  return new AppError('key-service.refused', `AWS refuses ${key}: ${name}`)
}

function words(error: unknown, name: string, status: number | undefined): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
  if (TIMED_OUT.test(name) && code === undefined) return 'no answer in time'
  if (status === undefined) return code ?? name
  return status < 400 ? 'the answer is not one of a key service' : `${name} (${status})`
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  const {$metadata: metadata} = error
  const status: unknown = typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata ? metadata.httpStatusCode : undefined
  return typeof status === 'number' ? status : undefined
}
