/** The key that this project signs with: found, opened, and known by its public half. */
import {resolve} from 'node:path'
import {AppError} from '../errors.ts'
import {readPublicKey} from '../policy/public-key.ts'
import type {Context} from '../ports/context.ts'
import type {TrustedKey} from '../ports/signatures.ts'
import {publicKeyOf, type CosignKey} from '../tools/cosign.ts'

export interface SigningKey {
  readonly file: CosignKey
  readonly public: TrustedKey
  /** What stands in the record: a key file is a long-lived credential, and says so. */
  readonly kind: 'key-file'
}

/**
 * @param reference `file:PATH`, from --key or the configuration
 * @throws AppError `key.missing`, `key.unreadable`
 */
export async function openSigningKey(reference: string | undefined, context: Context): Promise<SigningKey> {
  const configured = reference ?? context.config.signing.key
  if (configured === undefined) throw new AppError('key.missing', 'no signing key is configured')
  if (/^(awskms|gcpkms|azurekms|hashivault|k8s|pkcs11):/.test(configured))
    throw new AppError('key.missing', `signing with ${configured.split(':')[0] ?? ''} keys is not supported by this version`, {
      fix: 'Use a key file: file:PATH.',
    })
  const base = reference === undefined ? context.config.root : context.cwd
  const path = resolve(base, configured.replace(/^file:/, ''))
  if (!(await context.files.exists(path))) throw new AppError('key.missing', `there is no key file ${path}`)
  if (Buffer.from(await context.files.read(path)).includes('-----BEGIN PUBLIC KEY-----'))
    throw new AppError('key.unreadable', `${path} is a public key, and signing takes the private one`, {fix: 'Give the private key: --key file:cosign.key'})

  const file = {path, password: context.variable('COSIGN_PASSWORD') ?? ''}
  const pem = await context.runTool(publicKeyOf, file).catch((cause: unknown) => {
    if (cause instanceof AppError && cause.code === 'tool.failed')
      throw new AppError('key.unreadable', `cosign cannot open ${path}: wrong password, or not a Cosign key`, {cause})
    throw cause
  })
  const key = readPublicKey(pem.value)
  if (key === undefined) throw new AppError('key.unreadable', `${path} is not an ECDSA P-256 key`)
  return {file, public: key, kind: 'key-file'}
}
