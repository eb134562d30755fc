/** The SDK's client for a bucket: where it is, and how long it may take. */
import http from 'node:http'
import https from 'node:https'
import {S3Client, type S3ClientConfig} from '@aws-sdk/client-s3'
import type {S3Address} from '../../evidence/store-address.ts'

export interface S3Settings {
  /** Milliseconds of one try: to a connection, then to an answer, then without a byte. What a body takes comes on top. */
  readonly each: number
  /** Milliseconds for one call, tries and waits included. What a body takes comes on top. */
  readonly total: number
  /** Tries of one request by the SDK, the first included. */
  readonly attempts: number
  /** Requests of one call, the first included, where the bucket says that it is busy. */
  readonly again: number
  /** Milliseconds before the second request, at most; doubled before each other one. */
  readonly pause: number
  /** Entries of one page of a list, at most 1000. */
  readonly page: number
  readonly env: Readonly<Record<string, string | undefined>>
}

type Agents = Extract<S3ClientConfig['requestHandler'], {httpAgent?: unknown}>

const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']

export function openClient({region, endpoint}: S3Address, {each, attempts, env}: S3Settings): S3Client {
  // Of the variables, the SDK itself knows only AWS_REGION.
  const where = region ?? (env['AWS_REGION'] || env['AWS_DEFAULT_REGION'])
  const isElsewhere = endpoint !== undefined || Boolean(env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL'])
  return new S3Client({
    maxAttempts: attempts,
    forcePathStyle: isElsewhere,
    ...(where !== undefined && where !== '' && {region: where}),
    ...(endpoint !== undefined && {endpoint}),
    requestHandler: {
      ...agents(env),
      connectionTimeout: each,
      requestTimeout: each,
      socketTimeout: each,
      throwOnRequestTimeout: true,
    },
  })
}

/**
 * The agents of this process know its proxy. The SDK's own do not, but wait for `100 Continue` before a large body: a
 * bucket that has the object already may hang up in the middle of it.
 */
function agents(env: S3Settings['env']): Agents {
  const isProxied = PROXIES.some((name) => Boolean(env[name]))
  // How many at once is for the caller to say; the SDK would only remark on it.
  const unbounded = {keepAlive: true, maxSockets: Infinity}
  return isProxied ? {httpAgent: http.globalAgent, httpsAgent: https.globalAgent} : {httpAgent: unbounded, httpsAgent: unbounded}
}
