/** A key pair for signing, by Cosign: the private half readable by its owner alone. */
import {basename} from 'node:path'
import {AppError} from '../../errors.ts'
import {readPublicKey} from '../../policy/public-key.ts'
import type {SetupContext} from '../../ports/context.ts'
import type {TrustedKey} from '../../ports/signatures.ts'
import {generateKeyPair} from '../../tools/cosign-keys.ts'

/** @throws AppError `tool.*`, `key.exists` */
export async function makeKeyPair(privateKey: string, publicKey: string, {project, runTool, progress, variable}: SetupContext): Promise<TrustedKey> {
  const given = variable('COSIGN_PASSWORD')
  const password = given ?? ''
  progress.step('Making a key pair with Cosign')
  if (password === '')
    progress.note(
      `COSIGN_PASSWORD is ${given === undefined ? 'not set' : 'empty'}: the key gets an empty password, and whoever can read ${basename(privateKey)} can sign with it`,
    )
  const {value} = await runTool(generateKeyPair, {password})
  const key = readPublicKey(value.publicKey)
  if (key === undefined) throw new AppError('tool.output', 'cosign made a key that is not ECDSA P-256')
  await project.writeNew(privateKey, value.privateKey, 0o600)
  await project.writeNew(publicKey, Buffer.from(value.publicKey), 0o644)
  return key
}
