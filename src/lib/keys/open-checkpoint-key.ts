/** The key that signs checkpoints of the log, in a file or in AWS KMS. */
import {AppError} from '../errors.ts'
import type {CheckpointKey} from '../ports/keys.ts'

/** @throws AppError `key.*`, `key-service.*` */
export async function openCheckpointKey(reference: string): Promise<CheckpointKey> {
  throw new AppError('key.missing', `${reference} cannot be opened by this version`)
}
