/**
 * The key that signs checkpoints of this log, opened before anything is sealed.
 *
 * What does not end by itself is refused in CI, as for signing; so is a key whose checkpoints no reader would accept.
 */
import {AppError} from '../../errors.ts'
import {parseVerifierKey, verifierKey, type VerifierKey} from '../../ledger/note.ts'
import type {Context} from '../../ports/context.ts'
import type {CheckpointKey} from '../../ports/keys.ts'
import {refuseLongLived} from '../sign/refuse-long-lived.ts'

export interface SealingKey {
  /** `file:/absolute/path` or the URI of a key in AWS KMS. */
  readonly reference: string
  readonly origin: string
  /** Named by `origin`. */
  readonly verifier: VerifierKey
  /** Of the text of a checkpoint; it verifies. @throws AppError `key-service.*` */
  readonly sign: CheckpointKey['sign']
}

/** @throws AppError `sealing.missing`, `key.*`, `key-service.*`, `credentials.long-lived`, `checkpoint.unreadable-key` */
export async function openSealingKey(context: Pick<Context, 'config' | 'ci' | 'checkpointKey'>): Promise<SealingKey> {
  const {sealing} = context.config
  if (sealing?.key === undefined) throw new AppError('sealing.missing', 'no key that seals is configured')
  const {key: reference, origin, keys: trusted} = sealing
  // Asked before a password is used, or anybody is called.
  if (reference.startsWith('file:')) await refuseLongLived({kind: 'key-file', what: `the key ${reference.slice('file:'.length)}`}, context)
  const key = await context.checkpointKey(reference)
  if (key.credential === 'access-key') await refuseLongLived({kind: 'aws-access-key', what: 'the AWS access key that was found'}, context)
  const verifier = verifierKey(origin, key.spki)
  if (trusted !== undefined && !trusted.some((one) => parseVerifierKey(one).text === verifier.text))
    throw new AppError('key.not-trusted', `${reference} signs as ${verifier.text}, which \`sealing.keys\` does not name`)
  return {reference, origin, verifier, sign: async (text) => key.sign(text)}
}
