/** Public keys out of files that a policy or a person names. */
import {resolve} from 'node:path'
import type {KeyPin} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import type {PolicyKey} from '../../policy/model.ts'
import {readPublicKey} from '../../policy/public-key.ts'
import type {Context} from '../../ports/context.ts'
import type {TrustedKey} from '../../ports/signatures.ts'

/** Where key files are read, and where relative paths start from. */
type KeyFiles = Pick<Context, 'files'> & {readonly config: Pick<Context['config'], 'root'>}

/**
 * The key that a policy pins; its file is only where the bytes come from.
 * @param where the key of the configuration that pins it, for messages: `environments.production.promotion`
 * @param pin `spki` as `sha256:<hex>`, `file` from the folder of the configuration
 * @throws AppError `key.unreadable`, `policy.invalid`
 */
export async function pinnedKey(where: string, pin: {readonly spki: string; readonly file: string}, context: KeyFiles): Promise<TrustedKey> {
  const file = resolve(context.config.root, pin.file)
  const key = await publicKeyFile(file, context, where)
  if (`sha256:${key.spki}` !== pin.spki) throw new AppError('policy.invalid', `the key in ${file} is sha256:${key.spki}, but ${where} pins ${pin.spki}`)
  return key
}

/** The same, with the time in which each may be used. @throws AppError `key.unreadable`, `policy.invalid` */
export async function pinnedKeys(where: string, pins: readonly KeyPin[], context: KeyFiles): Promise<PolicyKey[]> {
  return Promise.all(
    pins.map(async (pin) => ({
      ...(await pinnedKey(where, pin, context)),
      status: pin.status,
      ...(pin.from !== undefined && {from: pin.from}),
      ...(pin.until !== undefined && {until: pin.until}),
    })),
  )
}

/** @param file absolute. @param where what names it, if not a person. @throws AppError `key.unreadable` */
export async function publicKeyFile(file: string, context: Pick<Context, 'files'>, where?: string): Promise<TrustedKey> {
  const named = where === undefined ? '' : `, which ${where} names`
  const which = where === undefined ? file : `${file}${named},`
  if (!(await context.files.exists(file))) throw new AppError('key.unreadable', `there is no public key ${file}${named}`)
  const pem = Buffer.from(await context.files.read(file)).toString('utf8')
  if (pem.includes('PRIVATE KEY-----'))
    throw new AppError('key.unreadable', `${which} is the private half of a key, and whoever verifies takes the public one`, {
      fix: `Give its public half: ${file.replace(/\.(?:key|pem)$/, '')}.pub`,
    })
  const key = readPublicKey(pem)
  if (key === undefined) throw new AppError('key.unreadable', `${which} is not a P-256 public key in PEM`)
  return key
}
