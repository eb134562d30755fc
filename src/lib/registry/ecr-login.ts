/**
 * A login for Amazon ECR by `GetAuthorizationToken` (API version 2015-09-21), with whatever role the AWS SDK's default
 * chain finds: in CI the one that came by OIDC. Kept in memory until shortly before it ends, never in a file.
 */
import http from 'node:http'
import https from 'node:https'
import {ECRClient, GetAuthorizationTokenCommand, type AuthorizationData} from '@aws-sdk/client-ecr'
import {AppError} from '../errors.ts'
import type {EcrHost} from './ecr-host.ts'
import {errorCode} from './error-code.ts'
import {holdLogins, type HeldLogins, type Login} from './held-logins.ts'

/** Milliseconds. */
const MARGIN = 5 * 60_000
const TIMEOUT = 30_000

/** What passes by itself, though the service answers 400 for it. */
const PASSES = /throttl|TooManyRequests|RequestLimitExceeded|RequestTimeout/i

/** @param now milliseconds since the epoch */
export function ecrLogins(now: () => number): HeldLogins<EcrHost> {
  return holdLogins(askEcr, now)
}

/** Of this process. */
const logins = ecrLogins(Date.now)

/** @throws AppError `registry.refused` without a role or right, `registry.unreachable`, `registry.protocol` */
export const ecrLogin = logins.login

/** Asks anew for those whose end comes near; nobody has to wait for it. */
export const renewEcrLogins = logins.renew

async function askEcr(ecr: EcrHost): Promise<Login> {
  // A named endpoint (of a private network) is used as it is; the SDK refuses to vary it.
  const isNamed = Boolean(process.env['AWS_ENDPOINT_URL_ECR'] || process.env['AWS_ENDPOINT_URL'])
  const client = new ECRClient({
    region: ecr.region,
    useFipsEndpoint: ecr.fips && !isNamed,
    useDualstackEndpoint: ecr.dualStack && !isNamed,
    maxAttempts: 3,
    // The agents of this process know its proxy.
    requestHandler: {httpAgent: http.globalAgent, httpsAgent: https.globalAgent, connectionTimeout: 5_000, requestTimeout: 10_000},
  })
  try {
    const {authorizationData} = await client.send(new GetAuthorizationTokenCommand({}), {abortSignal: AbortSignal.timeout(TIMEOUT)})
    return toLogin(ecr, authorizationData?.[0])
  } catch (error) {
    throw error instanceof AppError ? error : failure(ecr, error)
  } finally {
    client.destroy()
  }
}

function toLogin({host}: EcrHost, data: AuthorizationData | undefined): Login {
  const [, username, password] = /^([^:]+):(.+)$/s.exec(Buffer.from(data?.authorizationToken ?? '', 'base64').toString('utf8')) ?? []
  if (username === undefined || password === undefined) throw new AppError('registry.protocol', `AWS gave no login for ${host}`)
  return {credentials: {kind: 'password', username, password}, until: (data?.expiresAt?.getTime() ?? 0) - MARGIN}
}

/** By its name only: the SDK's words may quote what was signed. */
function failure({host, region}: EcrHost, error: unknown): AppError {
  const name = error instanceof Error ? error.name : 'an unknown error'
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError')
    return new AppError('registry.refused', `${host} wants a login from AWS, and there are no AWS credentials`, {
      fix: 'Give the job a role (in CI by OIDC), or on a workstation: aws sso login, and AWS_PROFILE.',
    })
  const status = statusOf(error)
  if (status !== undefined && status >= 400 && status < 500 && !PASSES.test(name))
    return new AppError('registry.refused', `AWS refuses the login for ${host}: ${name}`, {
      fix: 'Allow the role ecr:GetAuthorizationToken, and see that its credentials have not ended.',
    })
  const words = status === undefined ? (errorCode(error) ?? name) : `${name} (${status})`
  return new AppError('registry.unreachable', `ECR in ${region} cannot be asked for the login for ${host}: ${words}`)
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  const {$metadata: metadata} = error
  const status: unknown = typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata ? metadata.httpStatusCode : undefined
  return typeof status === 'number' ? status : undefined
}
