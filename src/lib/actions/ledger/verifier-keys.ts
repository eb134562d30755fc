/**
 * Whose checkpoints count: what a reader was given, else `sealing.keys`, else the public half of `sealing.key`.
 *
 * The first that says anything says all: a key that was given never adds to what the configuration trusts.
 */
import {createPublicKey} from 'node:crypto'
import {resolve} from 'node:path'
import {AppError} from '../../errors.ts'
import {parseVerifierKey, verifierKey, type VerifierKey} from '../../ledger/note.ts'
import type {Context} from '../../ports/context.ts'

export interface VerifierKeyOptions {
  /** By --origin: what a key in PEM is named by. Default: `sealing.origin`. */
  readonly origin?: string
}

type Needs = Pick<Context, 'config' | 'cwd' | 'files' | 'checkpointKey'>

const WRITTEN = /^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}$/
/** A file of keys is a few lines. */
const MAX_BYTES = 64 * 1024

/**
 * @param given each a verifier key (`<name>+<8 hex>+<base64>`), or a file with such lines, or one with a public key in PEM
 * @returns each key once; none where nothing says whose count
 * @throws AppError `checkpoint.unreadable-key`, `key.*`, `key-service.*`, `usage.*`
 */
export async function verifierKeys(given: readonly string[], context: Needs, options: VerifierKeyOptions = {}): Promise<readonly VerifierKey[]> {
  if (given.length > 0) return givenKeys(given, context, options.origin ?? context.config.sealing?.origin)
  return once(await configuredKeys(context))
}

/**
 * Without any configuration: for who has nothing but the keys.
 * @param name of a key in PEM
 */
export async function givenKeys(given: readonly string[], context: Pick<Needs, 'cwd' | 'files'>, name: string | undefined): Promise<readonly VerifierKey[]> {
  const keys = await Promise.all(
    given.map(async (one) => {
      if (WRITTEN.test(one.trim())) return [parseVerifierKey(one)]
      return keysInFile(resolve(context.cwd, one.replace(/^file:/, '')), name, context)
    }),
  )
  return once(keys.flat())
}

function once(keys: readonly VerifierKey[]): readonly VerifierKey[] {
  return [...new Map(keys.map((key) => [key.text, key])).values()]
}

async function configuredKeys(context: Needs): Promise<readonly VerifierKey[]> {
  const {sealing} = context.config
  if (sealing?.keys !== undefined) return sealing.keys.map(parseVerifierKey)
  if (sealing?.key === undefined) return []
  // The public half beside a key file takes no password.
  const beside = /^file:(.+?)(?:\.key|\.pem)?$/s.exec(sealing.key)?.[1]
  if (beside !== undefined && (await context.files.exists(`${beside}.pub`))) return keysInFile(`${beside}.pub`, sealing.origin, context)
  return [verifierKey(sealing.origin, (await context.checkpointKey(sealing.key)).spki)]
}

async function keysInFile(path: string, origin: string | undefined, {files}: Pick<Needs, 'files'>): Promise<readonly VerifierKey[]> {
  const bytes = await files.read(path)
  const text = bytes.length > MAX_BYTES ? '' : Buffer.from(bytes).toString('utf8')
  if (text.includes('PRIVATE KEY-----'))
    throw new AppError('key.unreadable', `${path} is the private half of a key, and whoever verifies takes the public one`, {
      fix: `Give its public half: ${path.replace(/\.(?:key|pem)$/, '')}.pub`,
    })
  if (text.includes('-----BEGIN PUBLIC KEY-----')) return [publicKeyOf(text, path, origin)]
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'))
  if (lines.length === 0)
    throw new AppError('checkpoint.unreadable-key', `${path} holds no verifier key`, {fix: 'Give a file that `hipaa-ci evidence checkpoint --show-key` wrote.'})
  return lines.map(parseVerifierKey)
}

function publicKeyOf(pem: string, path: string, origin: string | undefined): VerifierKey {
  if (origin === undefined)
    throw new AppError('usage.flag', `${path} holds a public key, and nothing says which log it signs for`, {
      fix: 'Add --origin NAME: what the log is called stands in the first line of a checkpoint.',
    })
  let spki: Uint8Array
  try {
    spki = createPublicKey(pem).export({format: 'der', type: 'spki'})
  } catch (cause) {
    throw new AppError('key.unreadable', `${path} is not a public key in PEM`, {cause, fix: 'Give a PEM file, or a verifier key.'})
  }
  return verifierKey(origin, spki)
}
