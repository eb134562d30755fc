/**
 * A signing key in AWS KMS (API version 2014-11-01): looked at before anything is signed, asked as whatever role the
 * SDK's default chain finds. Its own name, the ARN, is what signs: an alias may be moved in between.
 */
import {createPublicKey} from 'node:crypto'
import {AppError} from '../errors.ts'
import {readPublicKey} from '../policy/public-key.ts'
import type {ServiceKey} from '../ports/keys.ts'
import type {TrustedKey} from '../ports/signatures.ts'
import {awsClient, type AwsSettings} from './aws-client.ts'
import {childVariables} from './child-variables.ts'
import {credentialKind} from './credential-kind.ts'

/** @throws AppError `key.missing`, `key.unsupported`, `key-service.*` */
export async function openAwsKey(uri: string, settings: AwsSettings): Promise<ServiceKey> {
  const client = awsClient(uri, settings)
  const region = await client.region()
  const identity = await client.credentials()
  const {arn} = await client.signingKey(['ECC_NIST_P256'])
  return {
    public: publicHalf(uri, await client.publicKey(arn)),
    credential: credentialKind(identity),
    sign: async (digest) => client.sign(arn, {algorithm: 'ECDSA_SHA_256', type: 'DIGEST', message: digest}),
    childVariables: async () => childVariables(await client.credentials(), region, client.endpoint, settings.env),
  }
}

function publicHalf(uri: string, der: Uint8Array): TrustedKey {
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
