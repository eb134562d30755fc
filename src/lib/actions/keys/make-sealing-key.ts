/** A key pair that signs checkpoints: Ed25519, the private half as PKCS#8, the public one as a verifier key in one line. */
import {createPrivateKey, generateKeyPairSync} from 'node:crypto'
import {basename} from 'node:path'
import {verifierKey, type VerifierKey} from '../../ledger/note.ts'
import type {SetupContext} from '../../ports/context.ts'

/** @param origin of the log that it is for. @throws AppError `config.exists`, `usage.input` */
export async function makeSealingKey(
  privateKey: string,
  publicKey: string,
  origin: string,
  {project, progress, variable}: Pick<SetupContext, 'project' | 'progress' | 'variable'>,
): Promise<VerifierKey> {
  const given = variable('HIPAA_CI_SEALING_PASSWORD')
  const password = given ?? ''
  progress.step('Making a key that seals')
  if (password === '')
    progress.note(
      `HIPAA_CI_SEALING_PASSWORD is ${given === undefined ? 'not set' : 'empty'}: the key gets no password, and whoever can read ${basename(privateKey)} can seal with it`,
    )
  const pair = generateKeyPairSync('ed25519', {publicKeyEncoding: {format: 'der', type: 'spki'}, privateKeyEncoding: {format: 'pem', type: 'pkcs8'}})
  const key = verifierKey(origin, pair.publicKey)
  await project.writeNew(privateKey, Buffer.from(encrypted(pair.privateKey, password)), 0o600)
  await project.writeNew(publicKey, Buffer.from(`${key.text}\n`), 0o644)
  return key
}

function encrypted(pem: string, password: string): string {
  if (password === '') return pem
  return createPrivateKey(pem).export({format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: password}).toString()
}
