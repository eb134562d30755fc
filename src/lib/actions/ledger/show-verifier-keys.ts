/** The keys whose checkpoints count, for somebody who is to know them by another way than the store. */
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import type {Context} from '../../ports/context.ts'
import {verifierKeys} from './verifier-keys.ts'

export interface ShownVerifierKeys {
  readonly exitCode: ExitCode
  /** `<name>+<8 hex>+<base64>` */
  readonly keys: readonly string[]
}

/** @throws AppError `checkpoint.no-key`, `checkpoint.unreadable-key`, `key.*`, `key-service.*`, `usage.*` */
export async function showVerifierKeys(
  {keys, origin}: {readonly keys: readonly string[]; readonly origin?: string},
  context: Context,
): Promise<ShownVerifierKeys> {
  const known = await verifierKeys(keys, context, origin === undefined ? {} : {origin})
  if (known.length === 0) throw new AppError('checkpoint.no-key', 'nothing says whose checkpoints count')
  return {exitCode: EXIT.ok, keys: known.map(({text}) => text)}
}
