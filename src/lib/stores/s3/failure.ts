/**
 * What a failed call to a bucket means. By its name only: the service's words quote roles and requests.
 *
 * Refused is what stays as it is until somebody changes it; what may pass by itself is out of reach.
 */
import {AppError} from '../../errors.ts'
import {storeAddressText, type S3Address} from '../../evidence/store-address.ts'

/** What was asked, for messages. */
export interface Question {
  /** `write records/v1/…`, after "does not let this role". */
  readonly doing: string
  /** `s3:PutObject` */
  readonly right: string
}

const NO_CREDENTIALS = new Set(['CredentialsProviderError', 'TokenProviderError'])
const NO_CREDENTIALS_FIX = 'Give the job a role (in CI by OIDC), or on a workstation: aws sso login, and AWS_PROFILE.'
const NOT_WHO =
  /InvalidAccessKeyId|InvalidToken|ExpiredToken|TokenRefreshRequired|SignatureDoesNotMatch|RequestTimeTooSkewed|NotSignedUp|UnrecognizedClient|InvalidClientTokenId|InvalidIdentityToken|IDPRejectedClaim/
const ELSEWHERE = new Set(['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'])
/** What passes by itself, though the service answers 4xx for it. */
const PASSES = /Throttl|TooManyRequests|SlowDown|RequestTimeout|RequestLimitExceeded|ConditionalRequestConflict|OperationAborted/
const TIMED_OUT = /Timeout|Abort/

export function bucketFailure(address: S3Address, question: Question, error: unknown): AppError {
  if (error instanceof AppError) return error
  const text = storeAddressText(address)
  const [name, status] = [errorName(error), statusOf(error)]
  if (NO_CREDENTIALS.has(name)) return new AppError('store.refused', `there are no AWS credentials for ${text}`, {cause: error, fix: NO_CREDENTIALS_FIX})
  if (name === 'NoSuchBucket')
    return new AppError('store.unreachable', `there is no bucket ${address.bucket}: ${text}`, {cause: error, fix: 'Check its name, the account and --store.'})
  if (ELSEWHERE.has(name) || status === 301) return wrongRegion(text, error)
  if (NOT_WHO.test(name))
    return new AppError('store.refused', `the credentials given for ${text} are not accepted: ${name}`, {
      cause: error,
      fix: 'See that they have not ended, that the clock of this machine is right, and that the role trusts this job.',
    })
  if (status === 403)
    return new AppError('store.refused', `${text} does not let this role ${question.doing}`, {
      cause: error,
      fix: `Allow the role ${question.right} there, in the bucket policy too; which roles there are: hipaa-ci store policy`,
    })
  if (status !== undefined && (status === 501 || (status >= 400 && status < 500)) && !PASSES.test(name))
    return new AppError('store.refused', `${text} refuses to ${question.doing}: ${name} (${status})`, {cause: error})
  return new AppError('store.unreachable', `cannot ${question.doing} in ${text}: ${words(error, name, status)}`, {cause: error})
}

/** A page that asks for a login, say: it answers everything with 200, and none of it may pass for an empty store or a record that was written. */
export function notABucket(text: string): AppError {
  return new AppError('store.unreachable', `what answers at ${text} is not a bucket`, {fix: 'Look for a proxy in between, and check the endpoint.'})
}

/** `NoSuchKey` and the like. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'an unknown error'
}

/** Of HTTP; undefined where there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const metadata = memberOf(error, '$metadata')
  const status = memberOf(metadata, 'httpStatusCode')
  return typeof status === 'number' ? status : undefined
}

/** `ECONNRESET` and the like. */
export function errorCode(error: unknown): string | undefined {
  const code = memberOf(error, 'code')
  return typeof code === 'string' ? code : undefined
}

function wrongRegion(text: string, error: unknown): AppError {
  const headers = memberOf(memberOf(error, '$response'), 'headers')
  const right = [memberOf(error, 'Region'), memberOf(headers, 'x-amz-bucket-region')].find((one) => typeof one === 'string')
  return new AppError('store.unreachable', `${text} lies in ${right === undefined ? 'another region' : `the region ${right}`}`, {
    cause: error,
    fix: `Add region=${right ?? 'REGION'} to the address, or set AWS_REGION.`,
  })
}

function words(error: unknown, name: string, status: number | undefined): string {
  const code = errorCode(error)
  if (status !== undefined) return status < 400 ? 'the answer is not one of a bucket' : `${name} (${status})`
  if (code !== undefined && code !== 'ETIMEDOUT') return code
  if (TIMED_OUT.test(name)) return 'no answer in time'
  return name === 'Error' && error instanceof Error ? error.message : name
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (Reflect.get(value, name) as unknown) : undefined
}
