/**
 * A key pair of its own for one duty, like approving or promoting: `PREFIX.key` and `PREFIX.pub`.
 *
 * It is pinned nowhere by this: who is trusted is for a person to write down, or for `keys rotate`.
 * The private half is ignored by git before it exists.
 */
import {resolve} from 'node:path'
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import type {SetupContext} from '../../ports/context.ts'
import {ignorePrivateKey, type Ignored} from '../project/ignore-in-git.ts'
import {makeKeyPair} from './make-key-pair.ts'

export interface GenerateKeyRequest {
  /** A path without its ending, from the working folder. */
  readonly prefix: string
}

export interface GenerateKeyResult {
  readonly exitCode: ExitCode
  /** Absolute paths. */
  readonly privateKey: string
  readonly publicKey: string
  /** `sha256:<hex>` of the public half, as a pin names it. */
  readonly spki: string
  readonly ignored: Ignored
}

/** @throws AppError `usage.*`, `key.exists`, `tool.*` */
export async function generateKey({prefix}: GenerateKeyRequest, context: SetupContext): Promise<GenerateKeyResult> {
  if (prefix.trim() === '') throw new AppError('usage.empty', 'the name of the key is empty', {fix: 'hipaa-ci keys generate keys/promotion'})
  if (/[/\\]$|(^|[/\\])\.{1,2}$|\p{Cc}/u.test(prefix))
    throw new AppError('usage.input', `${JSON.stringify(prefix)} does not name a file`, {fix: 'hipaa-ci keys generate keys/promotion'})
  const {project, cwd} = context
  const [privateKey, publicKey] = [resolve(cwd, `${prefix}.key`), resolve(cwd, `${prefix}.pub`)]
  for (const path of [privateKey, publicKey])
    if ((await project.read(path)) !== undefined)
      throw new AppError('key.exists', `${path} is there already`, {fix: 'Name another one, or move it away first.'})
  const ignored = await ignorePrivateKey(privateKey, [cwd], context)
  const {spki} = await makeKeyPair(privateKey, publicKey, context)
  return {exitCode: EXIT.ok, privateKey, publicKey, spki: `sha256:${spki}`, ignored}
}
