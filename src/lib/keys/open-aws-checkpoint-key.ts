/**
 * A key in AWS KMS that signs checkpoints: ECC_NIST_EDWARDS25519, or ECC_NIST_P256 where Ed25519 is barred.
 *
 * Ed25519 takes the text itself (ED25519_SHA_512, RAW): the pre-hashed kind that the service has too is another
 * signature, which no reader of signed notes accepts.
 */
import {createHash, createPublicKey} from 'node:crypto'
import {AppError} from '../errors.ts'
import {isSignedBy, noteAlgorithm} from '../ledger/note.ts'
import type {CheckpointKey} from '../ports/keys.ts'
import {awsClient, type AwsSettings, type SigningRequest} from './aws-client.ts'
import {credentialKind} from './credential-kind.ts'

const REQUESTS = {
  ECC_NIST_EDWARDS25519: (text: Uint8Array): SigningRequest => ({algorithm: 'ED25519_SHA_512', type: 'RAW', message: text}),
  ECC_NIST_P256: (text: Uint8Array): SigningRequest => ({algorithm: 'ECDSA_SHA_256', type: 'DIGEST', message: createHash('sha256').update(text).digest()}),
} as const
const SPECS = ['ECC_NIST_EDWARDS25519', 'ECC_NIST_P256'] as const

/** @throws AppError `key.missing`, `key.unsupported`, `key-service.*` */
export async function openAwsCheckpointKey(uri: string, settings: AwsSettings): Promise<CheckpointKey> {
  const client = awsClient(uri, settings)
  await client.region()
  const credential = credentialKind(await client.credentials())
  const {arn, spec} = await client.signingKey(SPECS)
  const spki = publicHalf(uri, await client.publicKey(arn))
  const key = {spki, algorithm: noteAlgorithm(spki)}
  return {
    spki,
    credential,
    async sign(text) {
      const signature = await client.sign(arn, REQUESTS[spec](text))
      // What is stored is never taken back: a wrong one must not get there.
      if (isSignedBy(key, text, signature)) return signature
      throw new AppError('key-service.unreachable', `AWS answered for ${uri}, but its signature is not one of the key's`)
    },
  }
}

function publicHalf(uri: string, der: Uint8Array): Uint8Array {
  try {
    return createPublicKey({key: Buffer.from(der), format: 'der', type: 'spki'}).export({format: 'der', type: 'spki'})
  } catch (cause) {
    throw new AppError('key-service.unreachable', `AWS answered for ${uri}, but its public half is no key`, {cause})
  }
}
