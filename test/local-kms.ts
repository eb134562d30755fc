/**
 * A real key service for tests: the program of `toolchain/local-kms` (the AWS KMS protocol) on a free loopback port.
 *
 * It makes the keys itself and keeps them: no private key is written by a test, and none outlives it. What it does not
 * do: it checks no signature of a request and no policy; `test/fakes/kms-endpoint.ts` refuses where a test needs that.
 */
import {createPublicKey} from 'node:crypto'
import {builtTool} from '../scripts/built-tool.ts'
import {startListening} from './listening-program.ts'

export type KeySpec = 'ECC_NIST_P256' | 'ECC_NIST_P384' | 'RSA_2048' | 'SYMMETRIC_DEFAULT'

export interface TestKey {
  /** `alias/image-signing`. */
  readonly alias: string
  /** Default `ECC_NIST_P256`. */
  readonly spec?: KeySpec
  readonly disabled?: boolean
}

export interface LocalKms {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string
  /** What an AWS client needs to use it; the credentials are synthetic. */
  readonly env: Readonly<Record<string, string>>
  /** ARN of the key behind an alias. */
  keyArn(alias: string): Promise<string>
  /** SubjectPublicKeyInfo. */
  publicKeyPem(alias: string): Promise<string>
  /** From now on the key is refused, as by an operator; it cannot be undone here. */
  disable(alias: string): Promise<void>
  /** The alias names another, new key from now on. */
  replaceKey(key: TestKey): Promise<void>
  stop(): Promise<void>
}

/** @param keys default two signing keys, `alias/image-signing` and `alias/promotion` */
export async function startLocalKms({
  keys = [{alias: 'alias/image-signing'}, {alias: 'alias/promotion'}],
}: {readonly keys?: readonly TestKey[]} = {}): Promise<LocalKms> {
  const {host, stop} = await startListening(builtTool('local-kms'), [])
  const endpoint = `http://${host}`
  const ask = async (operation: string, body: object) => answerOf(operation, await callKms(endpoint, operation, body))
  const keyArn = async (alias: string) => (await ask('DescribeKey', {KeyId: alias})).KeyMetadata?.Arn ?? ''
  const makeKey = async ({spec = 'ECC_NIST_P256', disabled = false}: TestKey) => {
    const usage = spec === 'SYMMETRIC_DEFAULT' ? 'ENCRYPT_DECRYPT' : 'SIGN_VERIFY'
    const {KeyMetadata} = await ask('CreateKey', {KeySpec: spec, KeyUsage: usage})
    if (disabled) await ask('DisableKey', {KeyId: KeyMetadata?.KeyId})
    return {TargetKeyId: KeyMetadata?.KeyId}
  }
  for (const key of keys) await ask('CreateAlias', {AliasName: key.alias, ...(await makeKey(key))})
  return {
    endpoint,
    env: kmsEnvironment(endpoint),
    keyArn,
    async publicKeyPem(alias) {
      const {PublicKey = ''} = await ask('GetPublicKey', {KeyId: alias})
      return createPublicKey({key: Buffer.from(PublicKey, 'base64'), format: 'der', type: 'spki'})
        .export({format: 'pem', type: 'spki'})
        .toString()
    },
    async disable(alias) {
      await ask('DisableKey', {KeyId: await keyArn(alias)})
    },
    async replaceKey(key) {
      await ask('UpdateAlias', {AliasName: key.alias, ...(await makeKey(key))})
    },
    stop,
  }
}

/** Points an AWS client to `endpoint`; nothing else of this machine's AWS settings is asked. */
export function kmsEnvironment(endpoint: string): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL_KMS: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'synthetic',
    AWS_SECRET_ACCESS_KEY: 'synthetic',
    AWS_EC2_METADATA_DISABLED: 'true',
  }
}

/** One call of the KMS protocol (JSON 1.1), unsigned. */
export async function callKms(endpoint: string, operation: string, body: object): Promise<Response> {
  return fetch(endpoint, {
    method: 'POST',
    headers: {'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${operation}`},
    body: JSON.stringify(body),
  })
}

interface Answer {
  readonly KeyMetadata?: {readonly KeyId: string; readonly Arn: string}
  /** Base64 of DER. */
  readonly PublicKey?: string
}

async function answerOf(operation: string, response: Response): Promise<Answer> {
  const text = await response.text()
  if (!response.ok) throw new Error(`${operation}: the key service answered ${response.status} ${text}`)
  return (text === '' ? {} : JSON.parse(text)) as Answer
}
