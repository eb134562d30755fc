/**
 * A statement's bytes into a Sigstore bundle: by Cosign, or in process with a key in AWS KMS where many are signed.
 *
 * Nothing leaves here that was not verified: a signature by the key that was looked at, over these very bytes, and,
 * where an authority is configured, a timestamp that everybody who pins that authority will accept.
 */
import {createHash} from 'node:crypto'
import {AppError} from '../../errors.ts'
import {bundleBytes, preAuthEncoding, signatureBytes, withTimestamp} from '../../evidence/bundle.ts'
import type {ToolRecord} from '../../evidence/schema.ts'
import {shownAddress} from '../../evidence/web-address.ts'
import type {Context} from '../../ports/context.ts'
import {attestBlob, attestBlobByService} from '../../tools/cosign.ts'
import {allAuthorities} from '../policy/read-trust.ts'
import {serviceFailure, type SigningKey} from './signing-key.ts'

export interface SignedStatement {
  /** Sigstore bundle v0.3, JSON. */
  readonly bundle: Uint8Array
  /** As signed. */
  readonly payload: Uint8Array
  /** A timestamp that was verified; UTC with milliseconds. */
  readonly signedAt?: string
  /** Cosign, where it signed. */
  readonly tool?: ToolRecord
}

/** @throws AppError `key-service.*`, `timestamp.unreachable`, `tool.*` */
export async function signStatement(statement: Uint8Array, key: SigningKey, context: Context): Promise<SignedStatement> {
  const {bundle, tool} = await signBytes(statement, key, context)
  const verify = await context.verifySignature()
  const check = verify({form: 'bundle', bytes: bundle}, {keys: [key.public]})
  if (check.state === 'failed') throw new AppError('tool.output', `signed, but the bundle does not verify: ${check.message}`)
  if (check.content.kind !== 'statement' || !Buffer.from(check.content.payload).equals(statement))
    throw new AppError('tool.output', 'something else was signed than the statement')
  const made = {payload: check.content.payload, ...(tool !== undefined && {tool})}

  const url = context.config.signing.timestamp
  if (url === undefined) return {...made, bundle}
  const stamped = withTimestamp(bundle, await context.timestamp(url, signatureBytes(bundle)))
  const timestampAuthorities = await allAuthorities(context)
  // Nobody here trusts an authority yet: there is nothing to hold the timestamp against.
  if (timestampAuthorities.length === 0) return {...made, bundle: stamped}
  const again = verify({form: 'bundle', bytes: stamped}, {keys: [key.public], timestampAuthorities})
  if (again.state === 'failed' || again.signedAt === undefined)
    throw new AppError('timestamp.unreachable', `the timestamp of ${shownAddress(url)} is not one that an environment accepts`, {
      fix: 'Check `signing.timestamp`, and the `timestamp-authorities` that the environments pin.',
    })
  return {...made, bundle: stamped, signedAt: again.signedAt}
}

async function signBytes(statement: Uint8Array, {reference, public: {spki}, kind, service, forCosign}: SigningKey, context: Context) {
  if (service !== undefined) {
    const digest = createHash('sha256').update(preAuthEncoding(statement)).digest()
    return {bundle: bundleBytes({payload: statement, signature: await service.sign(digest), spki}), tool: undefined}
  }
  const key = await forCosign()
  const {value: bundle, tool} = await context.runTool(kind === 'kms' ? attestBlobByService : attestBlob, {statement, key}).catch((cause: unknown) => {
    throw kind === 'kms' ? serviceFailure(reference, cause) : cause
  })
  return {bundle, tool}
}
