/**
 * The key that this project signs with: found, opened, and known by its public half before anything is signed.
 *
 * What does not end by itself, a key file or an AWS access key, is refused in CI unless it is allowed by name.
 */
import {resolve} from 'node:path'
import {keyServiceVariables} from '../../child-environment.ts'
import type {LongLived} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import type {ServiceCredential} from '../../evidence/details.ts'
import {readPublicKey} from '../../policy/public-key.ts'
import type {Context} from '../../ports/context.ts'
import type {ServiceKey} from '../../ports/keys.ts'
import type {TrustedKey} from '../../ports/signatures.ts'
import {publicKeyOf, type CosignKey} from '../../tools/cosign.ts'
import {keyServiceFailure} from '../../tools/cosign-failure.ts'
import {missingKeyFix} from '../keys/missing-key-fix.ts'
import {refuseLongLived} from './refuse-long-lived.ts'

export interface SigningKey {
  /** As it was named: an absolute path, or the URI of a key in a key service. */
  readonly reference: string
  readonly public: TrustedKey
  /** Where the key lies; stands in the record. A key that a cluster hands out is a key file, wherever it was kept. */
  readonly kind: 'key-file' | 'kms'
  /** How a key service knew who asked, where that can be said; stands in the record. */
  readonly credential?: ServiceCredential
  /** What Cosign is given, anew for each signature: credentials end. */
  readonly forCosign: () => Promise<CosignKey>
  /** Signs in this process, without Cosign. */
  readonly service?: ServiceKey
}

export interface SigningOptions {
  /** By --allow-long-lived, beside what the configuration allows. */
  readonly allowLongLived?: readonly LongLived[]
  /** This command signs many things: with a key in AWS KMS it does so without starting Cosign for each. */
  readonly many?: boolean
  /** Where a relative path starts from; default: the working folder for `reference`, else the configuration's. */
  readonly base?: string
}

/**
 * @param reference `file:PATH` or the URI of a key in a key service, from --key; default `signing.key`
 * @throws AppError `key.*`, `key-service.*`, `credentials.long-lived`
 */
export async function openSigningKey(reference: string | undefined, context: Context, options: SigningOptions = {}): Promise<SigningKey> {
  const byFlag = options.allowLongLived ?? []
  // Asked before a password is used, or anybody is called.
  await refuseKeyFile(reference, context, options)
  const key = await readSigningKey(keyReference(reference, context, options.base), context)
  if (key.credential === 'access-key') await refuseLongLived({kind: 'aws-access-key', what: 'the AWS access key that was found', byFlag}, context)
  const {service, ...viaCosign} = key
  return options.many === true && service !== undefined ? {...viaCosign, service} : viaCosign
}

/** For what takes long before it signs: what would be refused then is refused at its start. @throws AppError `credentials.long-lived`, `key.missing` */
export async function refuseKeyFile(reference: string | undefined, context: Context, options: SigningOptions = {}): Promise<void> {
  const key = keyReference(reference, context, options.base)
  if (key.scheme === 'file' || key.scheme === 'k8s')
    await refuseLongLived({kind: 'key-file', what: `the key ${key.reference}`, byFlag: options.allowLongLived ?? []}, context)
}

/** The public half of the configured key, or of another one; nothing is signed with it. @throws AppError `key.*`, `key-service.*` */
export async function readPublicHalf(reference: string | undefined, context: Context): Promise<SigningKey> {
  return readSigningKey(keyReference(reference, context), context)
}

export interface KeyReference {
  readonly scheme: string
  /** An absolute path for `file`, else the URI. */
  readonly reference: string
}

/** @throws AppError `key.missing` */
export function keyReference(given: string | undefined, {config, cwd}: Context, base: string = given === undefined ? config.root : cwd): KeyReference {
  const configured = given ?? config.signing.key
  if (configured === undefined) throw new AppError('key.missing', 'no signing key is configured', {fix: missingKeyFix(config)})
  const [, scheme = 'file'] = /^(awskms|gcpkms|azurekms|hashivault|openbao|k8s|pkcs11):/.exec(configured) ?? []
  return {scheme, reference: scheme === 'file' ? resolve(base, configured.replace(/^file:/, '')) : configured}
}

async function readSigningKey({scheme, reference}: KeyReference, context: Context): Promise<SigningKey> {
  if (scheme === 'awskms') return awsKey(reference, context)
  if (scheme === 'file') await refuseNoKeyFile(reference, context)
  // Set even where it is empty: unset, Cosign would ask a terminal that is not there.
  const password = scheme === 'file' ? {COSIGN_PASSWORD: context.variable('COSIGN_PASSWORD') ?? ''} : {}
  const cosign = {reference, variables: {...password, ...keyServiceVariables(scheme, context.variable)}}
  const {value: pem} = await context.runTool(publicKeyOf, cosign).catch((cause: unknown) => {
    throw scheme === 'file' ? unopened(reference, cause) : serviceFailure(reference, cause)
  })
  const key = readPublicKey(pem)
  if (key === undefined) throw new AppError('key.unsupported', `${reference} is not an ECDSA P-256 key`)
  const shared = {reference, public: key, forCosign: async () => cosign}
  return scheme === 'file' || scheme === 'k8s' ? {...shared, kind: 'key-file'} : {...shared, kind: 'kms', credential: 'unknown'}
}

async function awsKey(reference: string, context: Context): Promise<SigningKey> {
  const service = await context.serviceKey(reference)
  const forCosign = async () => ({reference, variables: await service.childVariables()})
  return {reference, public: service.public, kind: 'kms', credential: service.credential, forCosign, service}
}

async function refuseNoKeyFile(path: string, {files, config}: Context): Promise<void> {
  if (!(await files.exists(path))) throw new AppError('key.missing', `there is no key file ${path}`, {fix: missingKeyFix(config)})
  if (Buffer.from(await files.read(path)).includes('-----BEGIN PUBLIC KEY-----'))
    throw new AppError('key.unreadable', `${path} is a public key, and signing takes the private one`, {fix: 'Give the private key: --key file:cosign.key'})
}

function unopened(path: string, cause: unknown): unknown {
  if (!(cause instanceof AppError) || cause.code !== 'tool.failed') return cause
  return new AppError('key.unreadable', `cosign cannot open ${path}: wrong password, or not a Cosign key`, {cause})
}

/** What a failed Cosign means where a key service takes part. Its own words stay in the cause. */
export function serviceFailure(reference: string, cause: unknown): unknown {
  if (!(cause instanceof AppError) || !cause.code.startsWith('tool.')) return cause
  if (cause.code === 'tool.timeout') return new AppError('key-service.unreachable', `cosign had no answer about ${reference} in time`, {cause})
  const code = cause.code === 'tool.failed' ? keyServiceFailure(cause.message) : undefined
  if (code === undefined) return cause
  return new AppError(code, `cosign could not use ${reference}: the key service ${code === 'key-service.refused' ? 'refused' : 'is out of reach, or busy'}`, {
    cause,
  })
}
