/**
 * A signing key in AWS KMS (API version 2014-11-01): looked at before anything is signed, asked as whatever role the
 * SDK's default chain finds. Its own name, the ARN, is what signs: an alias may be moved in between.
 */
import {createPublicKey} from 'node:crypto'
import http from 'node:http'
import https from 'node:https'
import {DescribeKeyCommand, GetPublicKeyCommand, KMSClient, SignCommand, type KeyMetadata} from '@aws-sdk/client-kms'
import {AppError} from '../errors.ts'
import {readPublicKey} from '../policy/public-key.ts'
import type {ServiceKey} from '../ports/keys.ts'
import type {TrustedKey} from '../ports/signatures.ts'
import {parseAwsReference, type AwsReference} from './aws-reference.ts'
import {childVariables} from './child-variables.ts'
import {credentialKind} from './credential-kind.ts'
import {awsFailure} from './failure.ts'

export interface AwsSettings {
  /** Milliseconds of one try: to a connection, and then to an answer. */
  readonly each: number
  /** Milliseconds for one call, tries and waits included. */
  readonly total: number
  /** Tries of one call, the first included. */
  readonly attempts: number
  readonly env: Readonly<Record<string, string | undefined>>
}

export const AWS_DEFAULTS: Omit<AwsSettings, 'env'> = {each: 10_000, total: 30_000, attempts: 3}

/** @throws AppError `key.missing`, `key.unsupported`, `key-service.*` */
export async function openAwsKey(uri: string, settings: AwsSettings): Promise<ServiceKey> {
  const reference = parseAwsReference(uri)
  const client = openClient(reference, settings)
  const ask = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await within(settings.total, work)
    } catch (error) {
      throw awsFailure(uri, error)
    }
  }
  const region = await ask(async () => regionOf(client, uri))
  const identity = await ask(async () => client.config.credentials())
  const described = await ask(async (abortSignal) => client.send(new DescribeKeyCommand({KeyId: reference.keyId}), {abortSignal}))
  const arn = usableArn(uri, described.KeyMetadata)
  const {PublicKey: der} = await ask(async (abortSignal) => client.send(new GetPublicKeyCommand({KeyId: arn}), {abortSignal}))
  return {
    public: publicHalf(uri, der),
    credential: credentialKind(identity),
    async sign(digest) {
      const signing = new SignCommand({KeyId: arn, Message: digest, MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256'})
      const {Signature: signature} = await ask(async (abortSignal) => client.send(signing, {abortSignal}))
      if (signature === undefined) throw new AppError('key-service.unreachable', `AWS answered for ${uri}, but without a signature`)
      return signature
    },
    childVariables: async () => childVariables(await ask(async () => client.config.credentials()), region, reference.endpoint, settings.env),
  }
}

function openClient({endpoint, region}: AwsReference, {each, attempts, env}: AwsSettings): KMSClient {
  // An ARN says where its key lies; of the variables, the SDK itself knows only AWS_REGION.
  const where = region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION']
  return new KMSClient({
    maxAttempts: attempts,
    ...(where !== undefined && where !== '' && {region: where}),
    ...(endpoint !== undefined && {endpoint}),
    requestHandler: {
      // The agents of this process know its proxy.
      httpAgent: http.globalAgent,
      httpsAgent: https.globalAgent,
      connectionTimeout: each,
      requestTimeout: each,
      throwOnRequestTimeout: true,
    },
  })
}

async function regionOf(client: KMSClient, uri: string): Promise<string> {
  try {
    return await client.config.region()
  } catch (cause) {
    throw new AppError('key-service.refused', `nothing says in which AWS region ${uri} lies`, {cause, fix: 'Set AWS_REGION, or name the key by its ARN.'})
  }
}

/** @throws AppError `key.unsupported`, `key-service.refused` */
function usableArn(uri: string, key: KeyMetadata | undefined): string {
  if (key?.Arn === undefined) throw new AppError('key-service.unreachable', `AWS answered for ${uri}, but did not describe the key`)
  const spec = key.KeySpec ?? key.CustomerMasterKeySpec ?? 'unknown'
  if (spec !== 'ECC_NIST_P256' || key.KeyUsage !== 'SIGN_VERIFY')
    throw new AppError('key.unsupported', `the key ${uri} is of the kind ${spec}, made for ${key.KeyUsage ?? 'an unknown use'}`)
  if (key.KeyState !== undefined && key.KeyState !== 'Enabled')
    throw new AppError('key-service.refused', `the key ${uri} cannot sign: its state is ${key.KeyState}`, {fix: 'Enable it, or sign with another one.'})
  return key.Arn
}

function publicHalf(uri: string, der: Uint8Array | undefined): TrustedKey {
  if (der === undefined) throw new AppError('key-service.unreachable', `AWS answered for ${uri}, but without its public half`)
  const pem = pemOf(der)
  const key = pem === undefined ? undefined : readPublicKey(pem)
  if (key === undefined) throw new AppError('key.unsupported', `the public half of ${uri} is not an ECDSA P-256 key`)
  return key
}

function pemOf(der: Uint8Array): string | undefined {
  try {
    return createPublicKey({key: Buffer.from(der), format: 'der', type: 'spki'})
      .export({format: 'pem', type: 'spki'})
      .toString()
  } catch {
    return undefined
  }
}

/** Nothing may hang: the SDK's own limits do not cover how it finds its credentials. */
async function within<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(milliseconds)
  const {promise: late, reject} = Promise.withResolvers<never>()
  const give = () => reject(new DOMException('no answer in time', 'TimeoutError'))
  signal.addEventListener('abort', give)
  try {
    return await Promise.race([work(signal), late])
  } finally {
    signal.removeEventListener('abort', give)
  }
}
