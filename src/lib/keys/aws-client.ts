/** A client of AWS KMS, asked as whatever role the SDK's default chain finds; it never waits for ever. */
import http from 'node:http'
import https from 'node:https'
import {DescribeKeyCommand, GetPublicKeyCommand, KMSClient, SignCommand, type KeyMetadata, type SigningAlgorithmSpec} from '@aws-sdk/client-kms'
import {AppError} from '../errors.ts'
import {parseAwsReference, type AwsReference} from './aws-reference.ts'
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

export interface AwsClient {
  readonly endpoint: string | undefined
  region(): Promise<string>
  credentials(): ReturnType<KMSClient['config']['credentials']>
  /** Enabled, made for signing, and of one of `specs`: looked at before anything is signed. @throws AppError `key.unsupported`, `key-service.*` */
  signingKey<S extends string>(specs: readonly S[]): Promise<{readonly arn: string; readonly spec: S}>
  /** SubjectPublicKeyInfo, DER. @param arn the key's own name: an alias may be moved in between */
  publicKey(arn: string): Promise<Uint8Array>
  sign(arn: string, what: SigningRequest): Promise<Uint8Array>
}

export interface SigningRequest {
  readonly algorithm: SigningAlgorithmSpec
  readonly type: 'RAW' | 'DIGEST'
  /** 4096 bytes at most. */
  readonly message: Uint8Array
}

/** Every call of it: @throws AppError `key-service.*`. @throws AppError `key.missing` where `uri` names no key */
export function awsClient(uri: string, settings: AwsSettings): AwsClient {
  const reference = parseAwsReference(uri)
  const client = openClient(reference, settings)
  const ask = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await within(settings.total, work)
    } catch (error) {
      throw awsFailure(uri, error)
    }
  }
  const without = (what: string) => new AppError('key-service.unreachable', `AWS answered for ${uri}, but ${what}`)
  return {
    endpoint: reference.endpoint,
    region: async () => ask(async () => regionOf(client, uri)),
    credentials: async () => ask(async () => client.config.credentials()),
    async signingKey(specs) {
      const {KeyMetadata: key} = await ask(async (abortSignal) => client.send(new DescribeKeyCommand({KeyId: reference.keyId}), {abortSignal}))
      if (key?.Arn === undefined) throw without('did not describe the key')
      return {arn: key.Arn, spec: usableSpec(uri, key, specs)}
    },
    async publicKey(arn) {
      const {PublicKey: der} = await ask(async (abortSignal) => client.send(new GetPublicKeyCommand({KeyId: arn}), {abortSignal}))
      if (der === undefined) throw without('without its public half')
      return der
    },
    async sign(arn, {algorithm, type, message}) {
      const signing = new SignCommand({KeyId: arn, Message: message, MessageType: type, SigningAlgorithm: algorithm})
      const {Signature: signature} = await ask(async (abortSignal) => client.send(signing, {abortSignal}))
      if (signature === undefined) throw without('without a signature')
      return signature
    },
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

function usableSpec<S extends string>(uri: string, key: KeyMetadata, specs: readonly S[]): S {
  const named = key.KeySpec ?? key.CustomerMasterKeySpec ?? 'unknown'
  const spec = specs.find((one) => one === named)
  if (spec === undefined || key.KeyUsage !== 'SIGN_VERIFY')
    throw new AppError('key.unsupported', `the key ${uri} is of the kind ${named}, made for ${key.KeyUsage ?? 'an unknown use'}`)
  if (key.KeyState !== undefined && key.KeyState !== 'Enabled')
    throw new AppError('key-service.refused', `the key ${uri} cannot sign: its state is ${key.KeyState}`, {fix: 'Enable it, or sign with another one.'})
  return spec
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
