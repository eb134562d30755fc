/** The key that signs checkpoints of the log: in a file, or in AWS KMS. */
import {AppError} from '../errors.ts'
import type {CheckpointKey} from '../ports/keys.ts'
import type {AwsSettings} from './aws-client.ts'
import {openKeyFile} from './open-key-file.ts'

export interface CheckpointKeySettings extends AwsSettings {
  /** What a person should know, though the key works. */
  readonly note: (text: string) => void
}

/**
 * @param reference `file:/absolute/path` or `awskms://[ENDPOINT]/KEY`
 * @throws AppError `key.*`, `key-service.*`
 */
export async function openCheckpointKey(reference: string, settings: CheckpointKeySettings): Promise<CheckpointKey> {
  if (reference.startsWith('awskms:')) return (await import('./open-aws-checkpoint-key.ts')).openAwsCheckpointKey(reference, settings)
  const path = /^file:(.+)$/s.exec(reference)?.[1]
  if (path === undefined)
    throw new AppError('key.unsupported', `${reference} is not a key that checkpoints are signed with`, {fix: 'Use file:PATH, or awskms:///alias/NAME.'})
  return openKeyFile(path, settings)
}
