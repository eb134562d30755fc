/**
 * A key pair of its own for one duty, like approving or promoting: `PREFIX.key` and `PREFIX.pub`.
 *
 * It is pinned nowhere by this: who is trusted is for a person to write down, or for `keys rotate`.
 * The private half is ignored by git before it exists.
 */
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import type {SetupContext} from '../../ports/context.ts'
import {makeKeyPair} from './make-key-pair.ts'
import {newKeyFiles, type NewKeyFiles} from './new-key-files.ts'

export interface GenerateKeyRequest {
  /** A path without its ending, from the working folder. */
  readonly prefix: string
  /** Of a log: only a key that seals has one. */
  readonly origin?: string
}

export interface GenerateKeyResult extends NewKeyFiles {
  readonly exitCode: ExitCode
  /** `sha256:<hex>` of the public half, as a pin names it. */
  readonly spki: string
}

/** @throws AppError `usage.*`, `key.exists`, `tool.*` */
export async function generateKey({prefix, origin}: GenerateKeyRequest, context: SetupContext): Promise<GenerateKeyResult> {
  if (origin !== undefined) throw new AppError('usage.flag', '--origin names a log, and goes with --for sealing')
  const files = await newKeyFiles(prefix, context)
  const {spki} = await makeKeyPair(files.privateKey, files.publicKey, context)
  return {exitCode: EXIT.ok, ...files, spki: `sha256:${spki}`}
}
